import type { Disk } from '../../kit/index.ts'
import type { SourceFile } from './source.ts'

const PIECE_BYTES = 1024 * 1024
const ZEROS = Buffer.alloc(PIECE_BYTES)
/** Frames begin at multiples of this. */
const ALIGNMENT = 8

/** The file without the zeros at its end: a journal file is filled with them before it is used. */
export async function withoutZeros(
  disk: Disk,
  directory: string,
  { path, sizeBytes }: SourceFile,
): Promise<SourceFile> {
  const file = await disk.open(`${directory}/${path}`, 'read')
  const buffer = Buffer.alloc(PIECE_BYTES)
  try {
    for (let end = sizeBytes; end > 0; ) {
      const start = Math.max(0, end - PIECE_BYTES)
      const piece = buffer.subarray(0, end - start)
      await file.read(piece, start)
      if (!piece.equals(ZEROS.subarray(0, piece.length))) {
        const last = piece.findLastIndex((byte) => byte !== 0)
        const writtenBytes = Math.ceil((start + last + 1) / ALIGNMENT) * ALIGNMENT
        return { path, sizeBytes: Math.min(sizeBytes, writtenBytes) }
      }
      end = start
    }
    return { path, sizeBytes: 0 }
  } finally {
    await file.close()
  }
}
