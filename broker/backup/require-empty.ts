import type { Disk } from '../../kit/index.ts'
import { TargetFault } from './manifest.ts'

/** Throws a TargetFault when there is anything in the directory, `except` for what is named. */
export async function requireEmpty(
  disk: Disk,
  directory: string,
  except: readonly string[] = [],
): Promise<void> {
  if (!(await disk.exists(directory))) return
  const found = (await disk.list(directory)).filter((name) => !except.includes(name))
  if (found.length === 0) return
  throw new TargetFault(
    `${directory} is not empty: it has ${found[0]}; name a directory that does not exist, or an empty one`,
  )
}
