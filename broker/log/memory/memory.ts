/**
 * A piece of memory that the journal's thread reads while the main thread fills it. `id` names it
 * between the threads and is never used again for other memory.
 */
export class Memory {
  readonly id: number
  readonly shared: SharedArrayBuffer
  readonly bytes: Buffer
  readonly view: DataView

  constructor(id: number, sizeBytes: number) {
    this.id = id
    this.shared = new SharedArrayBuffer(sizeBytes)
    this.bytes = Buffer.from(this.shared)
    this.view = new DataView(this.shared)
  }

  get sizeBytes(): number {
    return this.shared.byteLength
  }
}
