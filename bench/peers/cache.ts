import { join } from 'node:path'

/** Fetched jars and results so far; git-ignored, safe to delete. */
export const cacheDirectory: string = join(import.meta.dirname, '../../.cache/bench')
