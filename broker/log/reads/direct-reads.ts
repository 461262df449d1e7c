import { DIRECT_ALIGNMENT_BYTES, isAligned } from '../../../kit/index.ts'
import { codeOf } from '../errors.ts'
import type { FileCache } from '../segments/file-cache.ts'
import type { DiskTurns } from './disk-turns.ts'

/** What the disk is asked for at a time: so much, at most, is before a sync that comes then. */
export const DIRECT_PIECE_BYTES = 256 * 1024

/** What a file system says that cannot read past the page cache. */
const REFUSALS: ReadonlySet<string | undefined> = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP'])

/**
 * Reads past the page cache, exactly what is asked for. Where nothing is cached an ordinary read
 * makes the kernel read ahead as much as the disk is set to, 8 MiB of each file on some machines,
 * and every fdatasync waits behind that. It would also push out what others have a use for.
 * Where nobody appends nothing waits, and reading ahead is what makes the disk fast.
 */
export class DirectReads {
  readonly #files: FileCache
  readonly #turns: DiskTurns
  #isRefused = false

  constructor(files: FileCache, turns: DiskTurns) {
    this.#files = files
    this.#turns = turns
  }

  /**
   * At most `sizeBytes` from `position`, fewer at the end of the file or of the buffer; undefined when
   * nobody appends, and where the file system cannot do it, or not into this buffer.
   */
  async read(
    path: string,
    position: number,
    sizeBytes: number,
    buffer: Buffer,
  ): Promise<Buffer | undefined> {
    if (this.#isRefused || !this.#turns.isShared || !isAligned(buffer)) return undefined
    const before = position % DIRECT_ALIGNMENT_BYTES
    const neededBytes = roundUp(before + sizeBytes)
    const target = buffer.subarray(0, Math.min(neededBytes, buffer.length))
    try {
      const count = await this.#fill(path, target, position - before)
      return buffer.subarray(before, Math.max(before, Math.min(count, before + sizeBytes)))
    } catch (error) {
      if (!REFUSALS.has(codeOf(error))) throw error
      this.#isRefused = true
      return undefined
    }
  }

  #fill(path: string, target: Buffer, position: number): Promise<number> {
    return this.#files.useDirect(path, async (file) => {
      let filledBytes = 0
      while (filledBytes < target.length) {
        const piece = target.subarray(filledBytes, filledBytes + DIRECT_PIECE_BYTES)
        await this.#turns.wait()
        const gotBytes = await file.read(piece, position + filledBytes)
        filledBytes += gotBytes
        if (gotBytes < piece.length) break
      }
      return filledBytes
    })
  }
}

function roundUp(sizeBytes: number): number {
  return Math.ceil(sizeBytes / DIRECT_ALIGNMENT_BYTES) * DIRECT_ALIGNMENT_BYTES
}
