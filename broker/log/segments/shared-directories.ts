import type { Disk } from '../../../kit/index.ts'

interface Syncing {
  readonly running: Promise<void>
  /** For names that were made after `running` began. */
  next: Promise<void> | undefined
}

/**
 * Syncs of directories in which many make names at once: whoever asks while one runs shares the
 * next one. Ten thousand new logs of a topic would else sync its directory ten thousand times.
 */
export class SharedDirectories {
  readonly #disk: Disk
  readonly #syncing = new Map<string, Syncing>()

  constructor(disk: Disk) {
    this.#disk = disk
  }

  /**
   * Makes the names that are in the directory now durable. Rejects with the disk's error, also for
   * those that shared a sync or waited behind one that failed: what it lost, no later one brings back.
   */
  sync(directory: string): Promise<void> {
    const syncing = this.#syncing.get(directory)
    if (syncing === undefined) return this.#begin(directory)
    syncing.next ??= syncing.running.then(() => this.#begin(directory))
    return syncing.next
  }

  #begin(directory: string): Promise<void> {
    const syncing: Syncing = {
      running: this.#disk.syncDirectory(directory).finally(() => {
        if (this.#syncing.get(directory) === syncing) this.#syncing.delete(directory)
      }),
      next: undefined,
    }
    this.#syncing.set(directory, syncing)
    return syncing.running
  }
}
