import { spawnSync } from 'node:child_process'

/** Why something that needs these programs is skipped, with the package of Debian that has them; null where they are there. */
export function missingTools(programs: readonly string[], packages: string): string | null {
  const missing = programs.filter((name) => spawnSync(name, ['--version']).error !== undefined)
  if (missing.length === 0) return null
  return `skipped: Debian's ${missing.join(' and ')} not found (apt-get install ${packages})`
}
