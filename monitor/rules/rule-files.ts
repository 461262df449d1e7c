import type { Cancel, Disk, Logger, Timers } from '../../kit/index.ts'
import { readWholeFile } from '../../kit/index.ts'
import type { RuleGroup } from './rule-file.ts'
import { parseRuleFile, RuleFileError } from './rule-file.ts'

const RELOAD_PERIOD_MS = 5_000
const MAX_FILE_BYTES = 10 * 1024 * 1024

/** Reads rule files. Throws a RuleFileError with the faults of all of them; a file that is not there is one too. */
export async function readRuleFiles(disk: Disk, paths: readonly string[]): Promise<RuleGroup[]> {
  const groups: RuleGroup[] = []
  for (const path of paths) {
    const bytes = await readWholeFile(disk, path)
    if (bytes === null)
      throw new RuleFileError(path, [{ line: 1, column: 1, message: 'there is no such file' }])
    if (bytes.length > MAX_FILE_BYTES) {
      throw new RuleFileError(path, [
        { line: 1, column: 1, message: `larger than ${MAX_FILE_BYTES} bytes` },
      ])
    }
    groups.push(...parseRuleFile(bytes.toString(), path))
  }
  return groups
}

/** Hands groups on whenever their files change; files with faults change nothing and are told of once. */
export function followRuleFiles(
  paths: readonly string[],
  initial: readonly RuleGroup[],
  onChange: (groups: readonly RuleGroup[] | RuleFileError) => void,
  {
    disk,
    timers,
    logger,
  }: { readonly disk: Disk; readonly timers: Timers; readonly logger: Logger },
): Cancel {
  let inForce = JSON.stringify(initial)
  let told = ''
  const look = async (): Promise<void> => {
    try {
      const groups = await readRuleFiles(disk, paths)
      const read = JSON.stringify(groups)
      if (read === inForce && told === '') return
      onChange(groups)
      inForce = read
      told = ''
      logger.info({ groups: groups.length }, 'rules were read again')
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      if (message !== told)
        logger.error({ err: error }, 'rules cannot be used, the old ones stay in force')
      told = message
      if (error instanceof RuleFileError) onChange(error)
    }
  }
  return timers.every(RELOAD_PERIOD_MS, () => void look())
}
