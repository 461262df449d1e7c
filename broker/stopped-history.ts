import type { History } from '../audit/index.ts'
import type { Platform } from './broker.ts'
import { openLogHistory } from './control/index.ts'
import { openLogStore } from './log/index.ts'

export interface StoppedHistory {
  readonly history: History
  close(): Promise<void>
}

/**
 * The history in the data directory of a broker that does not run, or null when there is no data
 * directory. Opening recovers what a crash left, as a start would. Throws a LogStoreError when a
 * process uses the directory after all, a HistoryError when the history cannot be read.
 */
export async function openStoppedHistory(
  dataDirectory: string,
  platform: Platform,
): Promise<StoppedHistory | null> {
  // Opening would make a directory that is not there, and begin a history in it.
  if (!(await platform.disk.exists(`${dataDirectory}/format.json`))) return null
  const { store } = await openLogStore({ directory: dataDirectory, ...platform })
  try {
    return { history: await openLogHistory(store), close: () => store.close() }
  } catch (error) {
    await store.close()
    throw error
  }
}
