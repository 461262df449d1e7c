import type { Disk, DiskFile } from '../../../kit/index.ts'

interface OpenFile {
  readonly path: string
  readonly file: Promise<DiskFile>
  users: number
  /** Closed as soon as nobody uses it: it was removed, or pushed out. */
  doomed: boolean
}

/**
 * Segment files that are open, at most `limit` beyond those in use; the one not used longest is
 * closed first. A file that is removed while somebody reads it stays readable to the end of the read.
 */
export class FileCache {
  readonly #disk: Disk
  readonly #limit: number
  readonly #files = new Map<string, OpenFile>()

  constructor(disk: Disk, limit: number) {
    this.#disk = disk
    this.#limit = limit
  }

  get size(): number {
    return this.#files.size
  }

  /** Runs `action` on a file that exists. */
  use<Result>(path: string, action: (file: DiskFile) => Promise<Result>): Promise<Result> {
    return this.#use(path, 'write', action)
  }

  /** Runs `action` on a file that is created for it. */
  create<Result>(path: string, action: (file: DiskFile) => Promise<Result>): Promise<Result> {
    return this.#use(path, 'create', action)
  }

  /** Closes the file, now or after its last use. */
  forget(path: string): void {
    const open = this.#files.get(path)
    if (open !== undefined) this.#doom(open)
  }

  async close(): Promise<void> {
    const open = [...this.#files.values()]
    for (const entry of open) this.#doom(entry)
    await Promise.allSettled(open.map((entry) => entry.file))
  }

  async #use<Result>(
    path: string,
    mode: 'write' | 'create',
    action: (file: DiskFile) => Promise<Result>,
  ): Promise<Result> {
    const open = this.#take(path, mode)
    open.users++
    try {
      return await action(await open.file)
    } catch (error) {
      // Whether it could not be opened or not be used: the next one starts afresh.
      this.#doom(open)
      throw error
    } finally {
      open.users--
      this.#closeWhenIdle(open)
    }
  }

  #take(path: string, mode: 'write' | 'create'): OpenFile {
    const known = this.#files.get(path)
    if (known !== undefined) {
      // Map order is the order of last use.
      this.#files.delete(path)
      this.#files.set(path, known)
      return known
    }
    const open: OpenFile = { path, file: this.#disk.open(path, mode), users: 0, doomed: false }
    this.#files.set(path, open)
    this.#shrink()
    return open
  }

  #shrink(): void {
    if (this.#files.size <= this.#limit) return
    for (const open of this.#files.values()) {
      if (open.users > 0) continue
      this.#doom(open)
      if (this.#files.size <= this.#limit) return
    }
  }

  #doom(open: OpenFile): void {
    if (open.doomed) return
    open.doomed = true
    if (this.#files.get(open.path) === open) this.#files.delete(open.path)
    this.#closeWhenIdle(open)
  }

  #closeWhenIdle(open: OpenFile): void {
    if (!open.doomed || open.users > 0) return
    open.users = -1
    // What must be durable was synced; an error of close says nothing more.
    open.file.then((file) => file.close()).catch(() => {})
  }
}
