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

  /**
   * Copies `source` to `at`. V8 itself copies to shared memory without its fast routines, word by word at
   * best (`set`, and `copy` likewise); `fill` with as many bytes as there are to fill is one memcpy of
   * Node's own (16 KiB: 0.7 us, not 3.7).
   */
  put(source: Uint8Array, at: number): void {
    this.bytes.fill(source, at, at + source.length)
  }
}
