import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Entry, EntryConditions } from './entry.ts'

/** Keeps each entry in a file, so that the table can be made in parts. */
export class EntryStore {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
    mkdirSync(directory, { recursive: true })
  }

  /** What was measured so far under just these conditions; null when nothing was. */
  find(row: string, recordBytes: number, conditions: EntryConditions): Entry | null {
    const found = this.all().find((one) => one.row === row && one.recordBytes === recordBytes)
    return found && isDeepStrictEqual(found.conditions, conditions) ? found : null
  }

  /** Replaces what is there for this row and size. */
  save(entry: Entry): void {
    const path = join(this.#directory, `${entry.row}.${entry.recordBytes}.json`)
    writeFileSync(`${path}.part`, `${JSON.stringify(entry, null, 2)}\n`)
    renameSync(`${path}.part`, path)
  }

  all(): readonly Entry[] {
    return readdirSync(this.#directory)
      .filter((file) => file.endsWith('.json'))
      .map((file) => JSON.parse(readFileSync(join(this.#directory, file), 'utf8')) as Entry)
  }
}
