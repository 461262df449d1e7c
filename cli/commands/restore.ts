import { resolve } from 'node:path'
import type { CopyOptions, Manifest } from '../../broker/index.ts'
import { KEY_FILES, readBackup, restoreBackup } from '../../broker/index.ts'
import { createLogger } from '../../kit/index.ts'
import { parseArguments, wrongUsage } from '../arguments.ts'
import { EXIT } from '../exit-codes.ts'
import { machine } from '../platform.ts'
import { processConfig } from '../process-config.ts'
import { copyRate } from './backup/copy-rate.ts'
import { explainedCopy } from './backup/failures.ts'
import { Progress } from './backup/progress.ts'

/** `glasslog restore DIR`: a data directory out of a backup. */
export async function restore(args: readonly string[]): Promise<number> {
  const { flags, words } = parseArguments(args, {
    command: 'restore',
    valued: ['data-dir', 'rate'],
    switches: ['dry-run'],
  })
  const [directory] = words
  if (directory === undefined || words.length > 1) {
    throw wrongUsage('restore', 'restore needs one DIR, the backup')
  }
  const dataDir = resolve(
    flags.get('data-dir') ??
      process.env.GLASSLOG_DATA_DIR ??
      processConfig.rows['data-dir'].default,
  )
  const bytesPerSecond = copyRate('restore', flags.get('rate') ?? 'max')
  const isDryRun = flags.has('dry-run')
  const progress = new Progress(isDryRun ? 'verified' : 'restored')
  const { disk, clock, timers } = machine(createLogger('error'))
  const options: CopyOptions = { disk, clock, timers, bytesPerSecond, onProgress: progress.show }
  const backup = resolve(directory)
  try {
    const manifest = isDryRun
      ? await readBackup(backup, options)
      : await restoreBackup(backup, dataDir, options)
    progress.end()
    report(manifest, dataDir, isDryRun)
    return EXIT.ok
  } catch (error) {
    progress.end()
    throw explainedCopy(error)
  }
}

function report(manifest: Manifest, dataDir: string, isDryRun: boolean): void {
  const { id, createdAt, clusterId, history, hasKeys } = manifest
  const what = `backup ${id} of cluster ${clusterId} as of ${createdAt}`
  if (isDryRun) {
    console.log(`sound: ${what}; nothing was written`)
    return
  }
  console.log(`restored: ${what} to ${dataDir}`)
  console.log(`history of ${history.size} records, root ${history.root}`)
  console.log(
    'Who may log in is of that moment, too: revoke and erase again what was revoked or erased since.',
  )
  if (hasKeys) return
  console.log('The backup has no keys. Before the broker starts, put back what it used:')
  for (const path of KEY_FILES) console.log(`  ${dataDir}/${path}`)
}
