/**
 * What belongs to a backup beside the storage engine's own files, by paths below the data directory.
 * The rest is made anew (`audit/derived-1`, indexes of segments, `root.token`), says where a process
 * runs (`lock`, `endpoints.json`), or is what nobody may use (`quarantine`).
 */

/** What proves the history, and how far it was pushed. Only there when they are used. */
export const PROOF_FILES: readonly string[] = [
  'audit/checkpoints',
  'audit/checkpoint.pub',
  'audit/cosignatures',
  'audit/push',
]

/** Whoever has these reads every secret and signs as the broker: only in a backup that is asked for them. */
export const KEY_FILES: readonly string[] = ['secrets.key', 'audit/checkpoint.key']

/** In a directory that a restore is writing to: no broker starts on it. */
export const RESTORING_FILE = 'restoring'

/** Backups that were made while no broker ran, until one has recorded them. */
export const NOTED_BACKUPS_FILE = 'backups-made.json'

/** In a directory that was restored, until the broker has recorded it: what it was restored from. */
export const RESTORED_FILE = 'restored.json'
