import type { Resource } from '../../audit/index.ts'

/** There is one backup at a time, and what is known of the last one is kept. */
export const LATEST_BACKUP: Resource = { kind: 'backup', name: 'latest', id: null }

/** Where the data came from, when it was brought back from a backup. */
export const RESTORED_BACKUP: Resource = { kind: 'backup', name: 'restored', id: null }
