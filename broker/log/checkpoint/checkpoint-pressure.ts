/** Files that the journal may fill at its ease while there are few logs to sync: a restart is quick. */
const EASY_FILES = 4.5
/** With many logs; what is appended while the checkpoint is written must find room, too. */
const MOST = 0.4
const MANY_LOGS = 5_000

/**
 * Fullness of a journal of so many files from which a checkpoint does not wait for its time. It
 * costs a sync for each log with unsynced segments, whatever came to it: the more there are, the
 * rarer it should be.
 */
export function checkpointPressure(journalFiles: number, unsyncedLogs: number): number {
  const least = Math.min(MOST, EASY_FILES / journalFiles)
  return least + (MOST - least) * Math.min(1, unsyncedLogs / MANY_LOGS)
}
