/**
 * The disk as the rest of the house sees it. Paths are absolute or relative to the process, with
 * "/" between names. Errors are the operating system's (`NodeJS.ErrnoException`, `code` such as
 * ENOENT, ENOSPC, EIO). `openRealDisk()` serves it from the machine; a simulated disk (in tests)
 * models the page cache against the durable image, so a caller must sync what it wants to keep:
 * data by `DiskFile.sync`, names (creation, rename, removal) by `syncDirectory`.
 */
export interface Disk {
  /** Files and sockets that the process may have open at once. */
  readonly openFileLimit: number
  /** Bytes of files that the system's page cache can be trusted to hold: what was written or read last. */
  readonly pageCacheBytes: number
  /**
   * `read`: must exist. `write`: read and write, must exist. `create`: read and write, must not exist.
   * `direct`: read past the page cache; position, length and memory of each read are multiples of
   * `DIRECT_ALIGNMENT_BYTES`. Opening or reading is refused with EINVAL where they are not, or where
   * the file system cannot do it.
   */
  open(path: string, mode: OpenMode): Promise<DiskFile>
  /** Names in a directory, sorted; ENOENT when it does not exist. */
  list(directory: string): Promise<string[]>
  /** Creates the directory and its missing parents; fine when it exists. */
  makeDirectory(directory: string): Promise<void>
  /** Replaces `to` when it exists. Atomic; durable only after `syncDirectory` of both parents. */
  rename(from: string, to: string): Promise<void>
  /** Removes a file, or a directory with all it holds; fine when there is none. */
  remove(path: string): Promise<void>
  /** Makes the names in a directory durable. */
  syncDirectory(directory: string): Promise<void>
  exists(path: string): Promise<boolean>
  /** Size and space left for an unprivileged process, in bytes, of the file system that holds `path`. */
  space(path: string): Promise<{ readonly totalBytes: number; readonly freeBytes: number }>
  /**
   * Takes an exclusive lock on a file (created when missing) that the operating system frees when
   * the process dies, however it dies. `null` when another process holds it.
   */
  lock(path: string): Promise<DiskLock | null>
}

export type OpenMode = 'read' | 'direct' | 'write' | 'create'

/** Fits the blocks of every disk that is about. */
export const DIRECT_ALIGNMENT_BYTES = 4096

export interface DiskLock {
  release(): Promise<void>
}

export interface DiskFile {
  readonly path: string
  /** Fills `target` from `position`; answers how many bytes were read, fewer only at the end of the file. */
  read(target: Uint8Array, position: number): Promise<number>
  /** Writes all of `pieces`, one after the other, from `position`; rejects if any byte could not be written. */
  write(pieces: readonly Uint8Array[], position: number): Promise<void>
  /** fdatasync: data, and the size needed to read it back, are durable when this resolves. */
  sync(): Promise<void>
  truncate(sizeBytes: number): Promise<void>
  size(): Promise<number>
  close(): Promise<void>
}
