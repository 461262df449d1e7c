import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { ClientKind, Comparison, Conditions } from './comparison.ts'

/** Keeps each load's pairs in a file, so that a long comparison can be made in parts. */
export class ComparisonStore {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
    mkdirSync(directory, { recursive: true })
  }

  /** What was measured so far under just these conditions; null when nothing was. */
  find(name: string, conditions: Conditions): Comparison | null {
    const found = this.all().find(
      (one) => one.name === name && one.conditions.client === conditions.client,
    )
    return found && isDeepStrictEqual(found.conditions, conditions) ? found : null
  }

  /** Replaces what is there for this load and client. */
  save(comparison: Comparison): void {
    const path = this.#path(comparison.name, comparison.conditions.client)
    writeFileSync(`${path}.part`, `${JSON.stringify(comparison, null, 2)}\n`)
    renameSync(`${path}.part`, path)
  }

  all(): readonly Comparison[] {
    return readdirSync(this.#directory)
      .filter((file) => file.endsWith('.json'))
      .map((file) => JSON.parse(readFileSync(join(this.#directory, file), 'utf8')) as Comparison)
  }

  #path(name: string, client: ClientKind): string {
    return join(this.#directory, `${client}.${name}.json`)
  }
}
