import { opendir, stat } from 'node:fs/promises'

/** The files that this process has open, as Linux shows them. */
const DIRECTORY = '/proc/self/fd'
/** Entries read at a time where they have to be counted one by one: so long is the event loop held. */
const ENTRIES_AT_A_TIME = 1_024

/**
 * How many files this process has open; null where that cannot be told. Ten thousand names, read in one go as most
 * libraries do it, hold the event loop for some milliseconds; since Linux 6.2 the size of the directory is their
 * number (proc_pid_fd(5)).
 */
export async function countOpenFiles(): Promise<number | null> {
  try {
    const { size } = await stat(DIRECTORY)
    return size > 0 ? size : await countEntriesOfOpenFiles()
  } catch {
    return null
  }
}

/** The same, one by one, as older kernels need it; without the one through which it looks. */
export async function countEntriesOfOpenFiles(): Promise<number> {
  let count = -1
  const directory = await opendir(DIRECTORY, { bufferSize: ENTRIES_AT_A_TIME })
  for await (const _ of directory) count++
  return count
}
