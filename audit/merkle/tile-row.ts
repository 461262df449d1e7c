import type { Disk, DiskFile } from '../../kit/index.ts'
import type { TreeHash } from './hashes.ts'
import { HASH_BYTES } from './hashes.ts'

/**
 * Hashes of one height of the tree, one after the other in a file, the newest of them in memory
 * until they are flushed.
 */
export class TileRow {
  readonly #disk: Disk
  readonly #path: string
  #file: Promise<DiskFile> | null = null
  #flushedCount = 0
  #pending: TreeHash[] = []

  constructor(disk: Disk, path: string) {
    this.#disk = disk
    this.#path = path
  }

  get count(): number {
    return this.#flushedCount + this.#pending.length
  }

  /** Goes on after the first `count` hashes of the file. False when it does not have so many. */
  async resume(count: number): Promise<boolean> {
    this.#pending = []
    this.#flushedCount = count
    if (count === 0) return true
    if (!(await this.#disk.exists(this.#path))) return false
    const file = await this.#openFile()
    return (await file.size()) >= count * HASH_BYTES
  }

  append(hash: TreeHash): void {
    this.#pending.push(hash)
  }

  /** `count` hashes from `index` on. Throws a RangeError when there are not so many. */
  async read(index: number, count: number): Promise<readonly TreeHash[]> {
    if (index + count > this.count) throw new RangeError(`no hashes up to ${index + count}`)
    const pending = this.#pending
    const flushedCount = this.#flushedCount
    const inFile = Math.min(count, Math.max(0, flushedCount - index))
    const hashes: TreeHash[] = []
    if (inFile > 0) {
      const bytes = Buffer.alloc(inFile * HASH_BYTES)
      const file = await this.#openFile()
      if ((await file.read(bytes, index * HASH_BYTES)) < bytes.length) {
        throw new RangeError(`${this.#path} is shorter than it was`)
      }
      for (let at = 0; at < inFile; at++) {
        hashes.push(bytes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES))
      }
    }
    const start = Math.max(0, index - flushedCount)
    return [...hashes, ...pending.slice(start, start + count - inFile)]
  }

  /** Writes what is in memory and makes it durable. One call at a time. */
  async flush(): Promise<void> {
    const writing = this.#pending
    if (writing.length === 0) return
    const file = await this.#openFile()
    const count = writing.length
    await file.write(writing.slice(0, count), this.#flushedCount * HASH_BYTES)
    await file.sync()
    // A new array: readers that wait hold the old one together with the count that belongs to it.
    this.#pending = writing.slice(count)
    this.#flushedCount += count
  }

  async close(): Promise<void> {
    const file = this.#file
    this.#file = null
    await (await file)?.close()
  }

  #openFile(): Promise<DiskFile> {
    this.#file ??= this.#disk
      .exists(this.#path)
      .then((exists) => this.#disk.open(this.#path, exists ? 'write' : 'create'))
    return this.#file
  }
}
