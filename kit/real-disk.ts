import fs from 'node:fs'
import os from 'node:os'
import { promisify } from 'node:util'
import { tryLock } from 'fs-native-extensions'
import type { Disk, DiskFile, DiskLock } from './disk.ts'
import { DIRECT_ALIGNMENT_BYTES } from './disk.ts'

const openFd = promisify(fs.open)
const mkdir = promisify(fs.mkdir)
const closeFd = promisify(fs.close)
const fstat = promisify(fs.fstat)
const ftruncate = promisify(fs.ftruncate)
const fdatasync = promisify(fs.fdatasync)
const fsync = promisify(fs.fsync)

const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL } = fs.constants
const O_DIRECT: number | undefined = fs.constants.O_DIRECT

const openFlags = {
  read: O_RDONLY,
  // Only Linux has it.
  direct: O_DIRECT === undefined ? undefined : O_RDONLY | O_DIRECT,
  write: O_RDWR,
  create: O_RDWR | O_CREAT | O_EXCL,
} as const

/** Operators and backup tools of the same user may read and write; nobody else may look. */
const FILE_MODE = 0o600
const DIRECTORY_MODE = 0o700

/** What Linux and macOS allow at least, once Node has raised its limit as far as it may. */
const COMMON_OPEN_FILE_LIMIT = 4096

/** The rest is for the memory of processes, and for what is cached of other files. */
const CACHE_PART = 0.5

/** The machine's disk, through node:fs on libuv's thread pool. */
export function openRealDisk(): Disk {
  return {
    openFileLimit: readOpenFileLimit(),
    pageCacheBytes: Math.min(os.totalmem(), process.constrainedMemory() || Infinity) * CACHE_PART,
    async open(path, mode) {
      const flags = openFlags[mode]
      if (flags === undefined) throw errno('EINVAL', `no reads past the page cache, '${path}'`)
      return new RealFile(path, await openFd(path, flags, FILE_MODE), mode === 'direct')
    },
    list: async (directory) => (await fs.promises.readdir(directory)).sort(),
    makeDirectory,
    rename: (from, to) => fs.promises.rename(from, to),
    remove: (path) => fs.promises.rm(path, { recursive: true, force: true }),
    syncDirectory,
    exists,
    async space(path) {
      const stats = await fs.promises.statfs(path)
      return { totalBytes: stats.blocks * stats.bsize, freeBytes: stats.bavail * stats.bsize }
    },
    lock,
  }
}

/** From proc_pid_limits(5); a common one where there is none. */
function readOpenFileLimit(): number {
  try {
    const limits = fs.readFileSync('/proc/self/limits', 'utf8')
    const soft = /^Max open files +(\d+|unlimited) /m.exec(limits)?.[1]
    if (soft === undefined) return COMMON_OPEN_FILE_LIMIT
    return soft === 'unlimited' ? Infinity : Number(soft)
  } catch {
    return COMMON_OPEN_FILE_LIMIT
  }
}

async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, DIRECTORY_MODE)
  } catch (cause) {
    // Looking for parents is several calls for each directory, and nearly always they are there.
    const mayBeFine = isErrno(cause) && (cause.code === 'ENOENT' || cause.code === 'EEXIST')
    if (!mayBeFine) throw cause
    await fs.promises.mkdir(directory, { recursive: true, mode: DIRECTORY_MODE })
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const fd = await openFd(directory, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY)
  try {
    await fsync(fd)
  } finally {
    await closeFd(fd)
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await fs.promises.access(path)
    return true
  } catch (cause) {
    if (isErrno(cause) && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')) return false
    throw cause
  }
}

async function lock(path: string): Promise<DiskLock | null> {
  const fd = await openFd(path, O_RDWR | O_CREAT, FILE_MODE)
  let held = false
  try {
    held = tryLock(fd)
  } finally {
    if (!held) await closeFd(fd)
  }
  if (!held) return null
  let released: Promise<void> | undefined
  return {
    release() {
      released ??= closeFd(fd)
      return released
    },
  }
}

function isErrno(cause: unknown): cause is NodeJS.ErrnoException {
  return cause instanceof Error && 'code' in cause
}

/**
 * Works on the bare descriptor: `FileHandle` would cost a wrapper and a promise of its own for each
 * call, and closes itself when collected, which would hide a forgotten close.
 */
class RealFile implements DiskFile {
  readonly path: string
  readonly #fd: number
  readonly #isDirect: boolean

  constructor(path: string, fd: number, isDirect: boolean) {
    this.path = path
    this.#fd = fd
    this.#isDirect = isDirect
  }

  async read(target: Uint8Array, position: number): Promise<number> {
    let filled = 0
    while (filled < target.byteLength) {
      const got = await this.#readOnce(target, filled, position + filled)
      filled += got
      // Where a direct read ends within a block, the file does; from there none could go on.
      const isAtEnd = got === 0 || (this.#isDirect && got % DIRECT_ALIGNMENT_BYTES !== 0)
      if (isAtEnd) break
    }
    return filled
  }

  async write(pieces: readonly Uint8Array[], position: number): Promise<void> {
    let left: readonly Uint8Array[] = pieces.filter((piece) => piece.byteLength > 0)
    let at = position
    while (left.length > 0) {
      const written = await this.#writeOnce(left, at)
      // The kernel has no reason to write nothing without an error; asking again could go on for ever.
      if (written === 0) throw nothingWritten(this.path)
      at += written
      left = withoutFirstBytes(left, written)
    }
  }

  sync(): Promise<void> {
    return fdatasync(this.#fd)
  }

  truncate(sizeBytes: number): Promise<void> {
    return ftruncate(this.#fd, sizeBytes)
  }

  async size(): Promise<number> {
    return (await fstat(this.#fd)).size
  }

  close(): Promise<void> {
    return closeFd(this.#fd)
  }

  #readOnce(target: Uint8Array, offset: number, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.read(this.#fd, target, offset, target.byteLength - offset, position, (error, bytesRead) =>
        error ? reject(error) : resolve(bytesRead),
      )
    })
  }

  #writeOnce(pieces: readonly Uint8Array[], position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.writev(this.#fd, pieces, position, (error, bytesWritten) =>
        error ? reject(error) : resolve(bytesWritten),
      )
    })
  }
}

/** What is left of `pieces` after a write that took only `count` bytes of them. */
function withoutFirstBytes(pieces: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let skip = count
  for (const [index, piece] of pieces.entries()) {
    if (skip < piece.byteLength) {
      return skip === 0 ? pieces.slice(index) : [piece.subarray(skip), ...pieces.slice(index + 1)]
    }
    skip -= piece.byteLength
  }
  return []
}

function nothingWritten(path: string): NodeJS.ErrnoException {
  return errno('EIO', `a write took no bytes, '${path}'`)
}

function errno(code: string, message: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${message}`), { code })
}
