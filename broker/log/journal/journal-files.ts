import type { Cancel, Disk, Logger, Timers } from '../../../kit/index.ts'
import { sizeOfFile } from '../../../kit/index.ts'
import { reasonOf } from '../errors.ts'

/** One journal file. Which bytes of it mean anything depends on the header's file id. */
export interface JournalFile {
  /** Number in the file's name; the device's name for it. */
  readonly slot: number
  readonly path: string
  /**
   * `free`: nothing in it is needed. `active`: being written. `sealed`: full, and needed until a
   * checkpoint covers it. `abandoned`: like sealed, but a write or sync of it failed, so it is never
   * written again.
   */
  state: 'free' | 'active' | 'sealed' | 'abandoned'
  /** Highest sequence whose only copy may be here; meaningful when sealed or abandoned. */
  lastSequence: number
  /** Where its last frame ends; meaningful when sealed. */
  usedBytes: number
}

const ZEROS = Buffer.alloc(1024 * 1024)
const ZEROS_PER_WRITE = 4

export interface JournalFilesOptions {
  readonly disk: Disk
  readonly logger: Logger
  readonly directory: string
  readonly fileBytes: number
  readonly maxFiles: number
  /** Free files to have at hand, beyond the active one. */
  readonly spareFiles: number
  /** A file became free or was added. */
  readonly onFree: () => void
}

/**
 * The journal's files: made in the background, filled with zeros so that a write into them changes
 * no metadata (one disk flush per fdatasync, and no "disk full"), and used again and again.
 */
export class JournalFiles {
  readonly #options: JournalFilesOptions
  readonly #files: JournalFile[] = []
  #nextSlot = 1
  #making: Promise<void> | undefined
  #stopped = false
  /** The last attempt to make a file failed; the next one waits for `retry`. */
  #blocked = false
  /** Somebody copies the files that are in use. */
  #isPinned = false
  #recycleFrom = 0
  #cancelBegin: Cancel = () => {}
  #hasBegun = false

  constructor(options: JournalFilesOptions) {
    this.#options = options
  }

  get all(): readonly JournalFile[] {
    return this.#files
  }

  get freeCount(): number {
    let count = 0
    for (const file of this.#files) if (file.state === 'free') count++
    return count
  }

  get usedCount(): number {
    return this.#files.length - this.freeCount
  }

  /** How many there can be by now: those that there are, while the disk has no room for another. */
  get mostCount(): number {
    return this.#blocked ? this.#files.length : this.#options.maxFiles
  }

  /** Adopts what an earlier run left; files of another size are removed. */
  async adopt(): Promise<void> {
    const { disk, directory, fileBytes } = this.#options
    for (const name of await disk.list(directory)) {
      const slot = slotOf(name)
      const path = `${directory}/${name}`
      const fits = slot !== undefined && (await sizeOfFile(disk, path)) === fileBytes
      if (slot === undefined || !fits || this.#files.length >= this.#options.maxFiles) {
        await disk.remove(path)
        continue
      }
      this.#files.push({ slot, path, state: 'free', lastSequence: -1, usedBytes: 0 })
      this.#nextSlot = Math.max(this.#nextSlot, slot + 1)
    }
  }

  /** Makes files until `count` are free; rejects when the disk refuses. */
  async prepare(count: number): Promise<void> {
    const missing = Math.max(0, count - this.freeCount)
    const made = await Promise.allSettled(Array.from({ length: missing }, () => this.#make()))
    for (const one of made) if (one.status === 'rejected') throw one.reason
  }

  /** Takes a free file into use. */
  take(): JournalFile | undefined {
    const file = this.#files.find((candidate) => candidate.state === 'free')
    if (file === undefined) return undefined
    file.state = 'active'
    this.#keepSpareOnceBegun()
    return file
  }

  /**
   * Files are made in the background from `delayMs` on, or from the first that is missed: one that is filled
   * during a start has all that the start syncs wait for the disk.
   */
  keepSpareAfter(delayMs: number, timers: Timers): void {
    this.#cancelBegin = timers.after(delayMs, () => this.keepSpare())
  }

  /** Makes files in the background until enough are free or there may be no more. */
  keepSpare(): void {
    this.#hasBegun = true
    this.#cancelBegin()
    if (this.#making || this.#stopped || this.#blocked || !this.#wantsMore()) return
    this.#making = this.#makeSpares().finally(() => {
      this.#making = undefined
      this.#options.onFree()
    })
  }

  /** The disk has space again, perhaps. */
  retry(): void {
    this.#blocked = false
    this.#keepSpareOnceBegun()
  }

  /** The disk is full: free files that need not be at hand are removed. */
  giveBack(): void {
    const free = this.#files.filter(({ state }) => state === 'free')
    for (const file of free.slice(this.#options.spareFiles)) this.#forget(file)
  }

  /** Until `unpin`, no file becomes free: somebody copies what is in use. */
  pin(): void {
    this.#isPinned = true
  }

  unpin(): void {
    this.#isPinned = false
    this.recycle(this.#recycleFrom)
  }

  /** Frees files that a durable checkpoint made needless: everything before `replayFrom`. */
  recycle(replayFrom: number): void {
    this.#recycleFrom = Math.max(this.#recycleFrom, replayFrom)
    if (this.#isPinned) return
    let freed = false
    for (const file of [...this.#files]) {
      if (file.lastSequence >= replayFrom) continue
      if (file.state === 'sealed') file.state = 'free'
      else if (file.state === 'abandoned') this.#forget(file)
      else continue
      freed = true
    }
    if (freed) this.#options.onFree()
    this.#keepSpareOnceBegun()
  }

  async close(): Promise<void> {
    this.#stopped = true
    this.#cancelBegin()
    await this.#making
  }

  #keepSpareOnceBegun(): void {
    // A start takes one of those that it prepared. With less at hand somebody may be waiting.
    const isShort = this.freeCount < this.#options.spareFiles - 1
    if (this.#hasBegun || isShort) this.keepSpare()
  }

  #wantsMore(): boolean {
    const { maxFiles, spareFiles } = this.#options
    return this.freeCount < spareFiles && this.#files.length < maxFiles
  }

  async #makeSpares(): Promise<void> {
    try {
      while (this.#wantsMore() && !this.#stopped) await this.#make()
    } catch (error) {
      this.#blocked = true
      this.#options.logger.warn({ error: reasonOf(error) }, 'could not make a journal file')
    }
  }

  async #make(): Promise<void> {
    const { disk, directory } = this.#options
    const slot = this.#nextSlot++
    const path = `${directory}/${String(slot).padStart(6, '0')}.journal`
    try {
      await this.#fillWithZeros(path)
      await disk.syncDirectory(directory)
    } catch (error) {
      await disk.remove(path).catch(() => {})
      throw error
    }
    this.#files.push({ slot, path, state: 'free', lastSequence: -1, usedBytes: 0 })
  }

  async #fillWithZeros(path: string): Promise<void> {
    const { disk, fileBytes } = this.#options
    const file = await disk.open(path, 'create')
    try {
      for (let position = 0; position < fileBytes; ) {
        const pieces: Uint8Array[] = []
        let left = fileBytes - position
        while (pieces.length < ZEROS_PER_WRITE && left > 0) {
          pieces.push(left < ZEROS.length ? ZEROS.subarray(0, left) : ZEROS)
          left -= Math.min(left, ZEROS.length)
        }
        await file.write(pieces, position)
        position = fileBytes - left
      }
      await file.sync()
    } finally {
      await file.close()
    }
  }

  #forget(file: JournalFile): void {
    this.#files.splice(this.#files.indexOf(file), 1)
    // A leftover of it is harmless: its frames lie before every later checkpoint.
    this.#options.disk.remove(file.path).catch((error: unknown) => {
      this.#options.logger.warn({ path: file.path, error: reasonOf(error) }, 'could not remove')
    })
  }
}

/** The slot that a file name stands for. */
export function slotOf(name: string): number | undefined {
  const match = /^(\d{6,})\.journal$/.exec(name)
  return match?.[1] === undefined ? undefined : Number(match[1])
}
