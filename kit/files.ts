import { dirname } from 'node:path'
import type { Disk } from './disk.ts'

/** All bytes of a file, or null when there is none. For small files that are read whole. */
export async function readWholeFile(disk: Disk, path: string): Promise<Buffer | null> {
  if (!(await disk.exists(path))) return null
  const file = await disk.open(path, 'read')
  try {
    const bytes = Buffer.alloc(await file.size())
    const read = await file.read(bytes, 0)
    return bytes.subarray(0, read)
  } finally {
    await file.close()
  }
}

/**
 * Puts `bytes` at `path` so that after a crash there is the old content or the new, never a mixture:
 * written beside it, synced, renamed over it, the directory synced.
 */
export async function replaceFile(disk: Disk, path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.new`
  await disk.remove(temporary)
  const file = await disk.open(temporary, 'create')
  try {
    await file.write([bytes], 0)
    await file.sync()
  } finally {
    await file.close()
  }
  await disk.rename(temporary, path)
  await disk.syncDirectory(dirname(path))
}
