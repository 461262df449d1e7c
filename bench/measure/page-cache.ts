import { execFile } from 'node:child_process'
import { accessSync, constants, writeFileSync } from 'node:fs'
import { promisify } from 'node:util'

const CONTROL_FILE = '/proc/sys/vm/drop_caches'
const SYNC_TIMEOUT_MS = 120_000

/** Writes out what is dirty. */
export async function syncDisks(): Promise<void> {
  await promisify(execFile)('sync', { timeout: SYNC_TIMEOUT_MS })
}

/** Empties the machine's page cache, dirty pages first written; false where that is not allowed. */
export async function dropPageCache(): Promise<boolean> {
  try {
    accessSync(CONTROL_FILE, constants.W_OK)
  } catch {
    return false
  }
  await syncDisks()
  writeFileSync(CONTROL_FILE, '1')
  return true
}
