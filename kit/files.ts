import { dirname } from 'node:path'
import type { Disk, DiskFile } from './disk.ts'

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
  await writeWholeFile(disk, path, (file) => file.write([bytes], 0))
  await disk.syncDirectory(dirname(path))
}

/**
 * Puts a file at `path` that is there as a whole or not at all: `write` fills one beside it, which is
 * synced and renamed over it. That the name is durable, too, takes a sync of the directory.
 */
export async function writeWholeFile<T>(
  disk: Disk,
  path: string,
  write: (file: DiskFile) => Promise<T>,
): Promise<T> {
  const temporary = `${path}.new`
  await disk.remove(temporary)
  const file = await disk.open(temporary, 'create')
  let answer: T
  try {
    answer = await write(file)
    await file.sync()
  } finally {
    await file.close()
  }
  await disk.rename(temporary, path)
  return answer
}

export async function sizeOfFile(disk: Disk, path: string): Promise<number> {
  const file = await disk.open(path, 'read')
  try {
    return await file.size()
  } finally {
    await file.close()
  }
}
