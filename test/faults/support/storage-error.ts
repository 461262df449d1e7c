/** Whether the disk said so, directly or in what lies behind the error. */
export function isStorageError(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('code' in at && (at.code === 'EIO' || at.code === 'ENOSPC')) return true
  }
  return false
}
