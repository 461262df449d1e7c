import { dirname } from 'node:path'
import type { Disk, DiskFile } from '../../kit/index.ts'
import { BackupFault } from './manifest.ts'

/** Files that are written below a directory, and the directories that hold their names. */
export class TargetTree {
  readonly #disk: Disk
  readonly #root: string
  readonly #directories = new Set<string>()

  constructor(disk: Disk, root: string) {
    this.#disk = disk
    this.#root = root
  }

  /**
   * Runs `write` on a file that is not there yet; its parents are made. Throws a BackupFault for a
   * path that leads out of the tree: a manifest may have come from anywhere.
   */
  async create<Result>(path: string, write: (file: DiskFile) => Promise<Result>): Promise<Result> {
    if (!isBelow(path)) throw new BackupFault(`${JSON.stringify(path)} is no path in a backup`)
    const directory = dirname(`${this.#root}/${path}`)
    await this.makeDirectory(directory)
    const file = await this.#disk.open(`${this.#root}/${path}`, 'create')
    try {
      return await write(file)
    } finally {
      await file.close()
    }
  }

  async makeDirectory(directory: string): Promise<void> {
    if (this.#directories.has(directory)) return
    await this.#disk.makeDirectory(directory)
    // Up to the root, and the one that holds its name.
    for (let at = directory; at.length >= this.#root.length; at = dirname(at)) {
      this.#directories.add(at)
    }
    this.#directories.add(dirname(this.#root))
  }

  /** Makes all names durable. */
  async sync(): Promise<void> {
    for (const directory of [...this.#directories].sort().reverse()) {
      await this.#disk.syncDirectory(directory)
    }
  }
}

/** Whether a path has no part that leads elsewhere, in the spelling of any system. */
function isBelow(path: string): boolean {
  const parts = path.split('/')
  return parts.every((part) => part !== '' && part !== '.' && part !== '..' && !/[\\\0]/.test(part))
}
