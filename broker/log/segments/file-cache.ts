import type { Disk, DiskFile, OpenMode } from '../../../kit/index.ts'
import { codeOf } from '../errors.ts'

interface OpenFile {
  readonly key: string
  readonly file: Promise<DiskFile>
  users: number
  /** Closed as soon as nobody uses it: it was removed, or pushed out. */
  doomed: boolean
  closed: Promise<void> | undefined
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

  /** Runs `action` on a file that exists, whose reads pass by the page cache. */
  useDirect<Result>(path: string, action: (file: DiskFile) => Promise<Result>): Promise<Result> {
    return this.#use(path, 'direct', action)
  }

  /** Runs `action` on a file that is created for it. */
  create<Result>(path: string, action: (file: DiskFile) => Promise<Result>): Promise<Result> {
    return this.#use(path, 'create', action)
  }

  /** Closes the file, now or after its last use. */
  forget(path: string): void {
    for (const mode of ['write', 'direct'] as const) {
      const open = this.#files.get(keyOf(path, mode))
      if (open !== undefined) this.#doom(open)
    }
  }

  async close(): Promise<void> {
    const open = [...this.#files.values()]
    for (const entry of open) this.#doom(entry)
    await Promise.allSettled(open.map((entry) => entry.file))
  }

  async #use<Result>(
    path: string,
    mode: OpenMode,
    action: (file: DiskFile) => Promise<Result>,
  ): Promise<Result> {
    const open = this.#take(path, mode)
    try {
      return await action(await open.file)
    } catch (error) {
      // Whether it could not be opened or not be used: the next one starts afresh.
      this.#doom(open)
      throw error
    } finally {
      open.users--
      this.#closeWhenIdle(open)
      this.#shrinkTo(this.#limit)
    }
  }

  /** The file, with one user more, so that making room for it cannot close it. */
  #take(path: string, mode: OpenMode): OpenFile {
    const key = keyOf(path, mode)
    const known = this.#files.get(key)
    if (known !== undefined) {
      // Map order is the order of last use.
      this.#files.delete(key)
      this.#files.set(key, known)
      known.users++
      return known
    }
    const open: OpenFile = {
      key,
      file: this.#open(path, mode),
      users: 1,
      doomed: false,
      closed: undefined,
    }
    this.#files.set(key, open)
    this.#shrinkTo(this.#limit)
    return open
  }

  async #open(path: string, mode: OpenMode): Promise<DiskFile> {
    try {
      return await this.#disk.open(path, mode)
    } catch (error) {
      if (codeOf(error) !== 'EMFILE' && codeOf(error) !== 'ENFILE') throw error
      // Sockets took what the limit counted on; files can give some back.
      const closing = this.#shrinkTo(this.#files.size >> 1)
      await Promise.allSettled(closing)
      return await this.#disk.open(path, mode)
    }
  }

  /** Closes files that nobody uses, the one not used longest first. */
  #shrinkTo(count: number): Promise<void>[] {
    const closing: Promise<void>[] = []
    if (this.#files.size <= count) return closing
    for (const open of this.#files.values()) {
      if (open.users > 0) continue
      this.#doom(open)
      if (open.closed !== undefined) closing.push(open.closed)
      if (this.#files.size <= count) break
    }
    return closing
  }

  #doom(open: OpenFile): void {
    if (open.doomed) return
    open.doomed = true
    if (this.#files.get(open.key) === open) this.#files.delete(open.key)
    this.#closeWhenIdle(open)
  }

  #closeWhenIdle(open: OpenFile): void {
    if (!open.doomed || open.users > 0) return
    open.users = -1
    // What must be durable was synced; an error of close says nothing more.
    open.closed = open.file.then((file) => file.close()).catch(() => {})
  }
}

/** A file may be open twice: reads past the page cache have a descriptor of their own. */
function keyOf(path: string, mode: OpenMode): string {
  return mode === 'direct' ? `${path} direct` : path
}
