import type { DiskFile } from '../../kit/index.ts'
import { readWholeFile } from '../../kit/index.ts'
import type { ImageSegment } from '../log/index.ts'
import { IoThrottle, LogImage } from '../log/index.ts'
import type { CopyOptions } from './create-backup.ts'
import { FileReader, sizesOf } from './file-reader.ts'
import { checkImage } from './image-check.ts'
import type { BackupFile, Manifest } from './manifest.ts'
import { BackupFault, CONTENT_DIRECTORY, readManifest } from './manifest.ts'
import { PIECE_BYTES, passFile } from './pass-file.ts'

/** Takes the files of a backup that are sound. */
export interface BackupSink {
  /** Runs `write` on a file to be filled. */
  file<Result>(path: string, write: (file: DiskFile) => Promise<Result>): Promise<Result>
  /** The index of a segment, worked out of its batches. */
  index(path: string, bytes: Buffer): Promise<void>
}

/**
 * Reads a whole backup: the manifest, every file, every batch, the journal, and the history against
 * its checkpoint. With a sink, that gets what was read. Throws a BackupFault that names the file
 * which is not as it was written.
 */
export async function readBackup(
  directory: string,
  options: CopyOptions,
  sink: BackupSink | null = null,
): Promise<Manifest> {
  const { disk } = options
  const manifest = await readManifest(disk, directory)
  const content = `${directory}/${CONTENT_DIRECTORY}`
  await requireSizes(options, content, manifest.files)
  // File by file first, because that names the one that is damaged.
  await new BackupReader(content, manifest, options, sink).run()
  requireSame(manifest, await explained('the backup', () => checkImage(disk, content)))
  return manifest
}

async function requireSizes(
  { disk }: CopyOptions,
  content: string,
  files: readonly BackupFile[],
): Promise<void> {
  for (const { path, sizeBytes } of files) {
    const [found] = await sizesOf(disk, content, [path])
    if (found === undefined) throw new BackupFault(`${path} is missing in the backup`)
    if (found.sizeBytes === sizeBytes) continue
    throw new BackupFault(`${path} has ${found.sizeBytes} bytes in the backup, not ${sizeBytes}`)
  }
}

class BackupReader {
  readonly #content: string
  readonly #manifest: Manifest
  readonly #options: CopyOptions
  readonly #sink: BackupSink | null
  readonly #throttle: IoThrottle
  readonly #buffer = Buffer.alloc(PIECE_BYTES)
  #doneBytes = 0

  constructor(content: string, manifest: Manifest, options: CopyOptions, sink: BackupSink | null) {
    this.#content = content
    this.#manifest = manifest
    this.#options = options
    this.#sink = sink
    this.#throttle = new IoThrottle(options.clock, options.timers)
    this.#throttle.setRate(options.bytesPerSecond)
  }

  async run(): Promise<void> {
    const { disk } = this.#options
    const named = await explained('checkpoint', () => this.#segments())
    const reader = new FileReader(disk, this.#content)
    try {
      for (const file of this.#manifest.files) await this.#pass(reader, file, named.get(file.path))
    } finally {
      await reader.close()
    }
  }

  async #segments(): Promise<ReadonlyMap<string, ImageSegment>> {
    const bytes = await readWholeFile(this.#options.disk, `${this.#content}/checkpoint`)
    const image = new LogImage(bytes ?? Buffer.alloc(0))
    return new Map(Array.from(image.segments(), (segment) => [segment.path, segment]))
  }

  async #pass(
    reader: FileReader,
    file: BackupFile,
    segment: ImageSegment | undefined,
  ): Promise<void> {
    const { path, sizeBytes } = file
    const pass = (target: DiskFile | null) =>
      explained(path, () =>
        passFile({
          ...{ path, sizeBytes, segment, target, throttle: this.#throttle },
          buffer: this.#buffer,
          read: (position, piece) => reader.read(path, position, piece),
          onPiece: async (count) => this.#progress(count),
        }),
      )
    const { sha256, index } = this.#sink ? await this.#sink.file(path, pass) : await pass(null)
    if (sha256 !== file.sha256) throw new BackupFault(`${path} does not have its checksum`)
    if (segment && index && this.#sink) await this.#sink.index(segment.indexPath, index)
  }

  #progress(count: number): void {
    this.#doneBytes += count
    const totalBytes = this.#manifest.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    this.#options.onProgress?.(this.#doneBytes, totalBytes)
  }
}

/** Damage that was found is a fault of the backup; errors of the disk stay what they are. */
async function explained<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (cause) {
    const isDamage = cause instanceof Error && !('code' in cause) && DAMAGES.includes(cause.name)
    if (!isDamage) throw cause
    throw new BackupFault(`${what} is damaged: ${cause.message}`, { cause })
  }
}

const DAMAGES: readonly string[] = ['DamagedError', 'LogStoreError', 'HistoryError', 'NoteError']

function requireSame(manifest: Manifest, checked: object): void {
  for (const [name, value] of Object.entries(checked)) {
    const written = manifest[name as keyof Manifest]
    if (JSON.stringify(value) === JSON.stringify(written)) continue
    throw new BackupFault(`${name} of the backup is not what its manifest says`)
  }
}
