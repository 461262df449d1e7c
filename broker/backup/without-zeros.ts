import type { Disk } from '../../kit/index.ts'
import { writtenJournalBytes } from '../log/index.ts'
import type { SourceFile } from './source.ts'

/** A journal file without the zeros behind its last frame: it is filled with them before it is used. */
export async function withoutZeros(
  disk: Disk,
  directory: string,
  { path, sizeBytes }: SourceFile,
): Promise<SourceFile> {
  const file = await disk.open(`${directory}/${path}`, 'read')
  try {
    const bytes = Buffer.alloc(sizeBytes)
    await file.read(bytes, 0)
    return { path, sizeBytes: writtenJournalBytes(bytes) }
  } finally {
    await file.close()
  }
}
