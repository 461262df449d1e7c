import type { Disk, Logger } from '../../../kit/index.ts'
import { reasonOf } from '../errors.ts'
import type { FileCache } from '../segments/file-cache.ts'

/**
 * Lets files of segments go, or keeps them while somebody copies them. What is to be removed
 * meanwhile waits; should the process die, the next start removes what is not part of a log.
 */
export class RemovalGate {
  readonly #disk: Disk
  readonly #files: FileCache
  readonly #logger: Logger
  #waiting: string[] = []
  #opened: PromiseWithResolvers<void> | undefined

  constructor(disk: Disk, files: FileCache, logger: Logger) {
    this.#disk = disk
    this.#files = files
    this.#logger = logger
  }

  get isShut(): boolean {
    return this.#opened !== undefined
  }

  /** From now on nothing goes. One at a time may ask for that. */
  shut(): void {
    if (this.#opened !== undefined) throw new Error('files are held already')
    this.#opened = Promise.withResolvers()
  }

  /** Removes what waits, and from now on everything at once. */
  async open(): Promise<void> {
    const opened = this.#opened
    if (opened === undefined) return
    this.#opened = undefined
    opened.resolve()
    await this.remove(this.#waiting.splice(0))
  }

  /** Resolves when the files are gone, or wait. What resists, the next start removes. */
  async remove(paths: readonly string[]): Promise<void> {
    if (this.isShut) {
      this.#waiting.push(...paths)
      return
    }
    for (const path of paths) {
      try {
        await this.#disk.remove(path)
      } catch (error) {
        this.#logger.warn({ path, error: reasonOf(error) }, 'could not remove a file of a segment')
      }
      // Who was reading it may have opened it again, and as long as it is open it takes its space.
      this.#files.forget(path)
    }
  }

  /** Resolves when files may go: for those who remove more than single files. */
  async whenOpen(): Promise<void> {
    while (this.#opened !== undefined) await this.#opened.promise
  }
}
