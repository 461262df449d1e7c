import { dirname } from 'node:path'
import type { Disk } from '../../kit/index.ts'
import { readWholeFile, replaceFile } from '../../kit/index.ts'
import type { DiskAction } from './action.ts'
import { isOpen } from './action.ts'

const VERSION = 1
/** Actions that are remembered; the history has all of them. */
const MAX_ACTIONS = 100

/** The file of actions is of a newer version than this program knows. */
export class ActionBookVersionError extends Error {
  override readonly name: string = 'ActionBookVersionError'
}

/** What was done about the disk, the open action above all. Durable once `save` resolves. */
export class ActionBook {
  readonly #disk: Disk
  readonly #path: string
  #actions: readonly DiskAction[]

  private constructor(disk: Disk, path: string, actions: readonly DiskAction[]) {
    this.#disk = disk
    this.#path = path
    this.#actions = actions
  }

  /** Throws an ActionBookVersionError, or the disk's error. */
  static async open(disk: Disk, directory: string): Promise<ActionBook> {
    await disk.makeDirectory(directory)
    await disk.syncDirectory(dirname(directory))
    const path = `${directory}/disk-actions.json`
    const bytes = await readWholeFile(disk, path)
    if (bytes === null) return new ActionBook(disk, path, [])
    const { version, actions } = JSON.parse(bytes.toString()) as Content
    if (version > VERSION)
      throw new ActionBookVersionError(`${path} has version ${version}, known is ${VERSION}`)
    return new ActionBook(disk, path, actions)
  }

  /** Newest first. */
  get all(): readonly DiskAction[] {
    return this.#actions
  }

  /** The one that is not through; there is one at most. */
  get open(): DiskAction | null {
    return this.#actions.find(isOpen) ?? null
  }

  /** Puts an action in place of the one with its id, or in front of all. */
  async save(action: DiskAction): Promise<void> {
    const others = this.#actions.filter(({ id }) => id !== action.id)
    const isNew = others.length === this.#actions.length
    const actions = isNew
      ? [action, ...others].slice(0, MAX_ACTIONS)
      : this.#actions.map((one) => (one.id === action.id ? action : one))
    const content: Content = { version: VERSION, actions }
    await replaceFile(this.#disk, this.#path, Buffer.from(JSON.stringify(content)))
    this.#actions = actions
  }
}

interface Content {
  readonly version: number
  readonly actions: readonly DiskAction[]
}
