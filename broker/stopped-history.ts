import { HistoryTrail, SigningKeyFiles } from '../audit/index.ts'
import { auditDirectory, defaultAuditSettings } from './audit-trail.ts'
import type { Platform } from './broker.ts'
import { openLogHistory } from './control/index.ts'
import { openLogStore } from './log/index.ts'

export interface StoppedHistory {
  readonly trail: HistoryTrail
  close(): Promise<void>
}

/**
 * The history in the data directory of a broker that does not run, or null when there is no data
 * directory. Opening recovers what a crash left, as a start would, and signs what was not signed
 * when the key is there. Throws a LogStoreError when a process uses the directory after all, a
 * HistoryError when the history cannot be read.
 */
export async function openStoppedHistory(
  dataDirectory: string,
  platform: Platform,
): Promise<StoppedHistory | null> {
  // Opening would make a directory that is not there, and begin a history in it.
  if (!(await platform.disk.exists(`${dataDirectory}/format.json`))) return null
  const { store } = await openLogStore({ directory: dataDirectory, ...platform })
  try {
    const history = await openLogHistory(store)
    const directory = auditDirectory(dataDirectory)
    const trail = await HistoryTrail.open({ history, directory, ...platform })
    await signAsBefore(trail, directory, platform)
    const close = async (): Promise<void> => {
      await trail.stop()
      await store.close()
    }
    return { trail, close }
  } catch (error) {
    await store.close()
    throw error
  }
}

async function signAsBefore(
  trail: HistoryTrail,
  directory: string,
  { disk, random }: Platform,
): Promise<void> {
  const key = trail.keys.current
  if (!key || !(await disk.exists(`${directory}/checkpoint.key`))) return
  const signer = await new SigningKeyFiles({ disk, random, directory }).load(key.text)
  const { checkpointRecords, checkpointMs } = defaultAuditSettings
  trail.sign({ signer, everyRecords: checkpointRecords, everyMs: checkpointMs })
}
