import type { Clock, Disk, Timers } from '../../kit/index.ts'
import type { ImageSegment } from '../log/index.ts'
import { IoThrottle, LogImage } from '../log/index.ts'
import type { CheckedImage } from './image-check.ts'
import { checkImage } from './image-check.ts'
import type { BackupFile, Manifest } from './manifest.ts'
import { BackupFault, CONTENT_DIRECTORY, writeManifest } from './manifest.ts'
import { PIECE_BYTES, passFile } from './pass-file.ts'
import { requireEmpty } from './require-empty.ts'
import type { BackupSource, SourceCut, SourceFile } from './source.ts'
import { TargetTree } from './target-tree.ts'

export interface CopyOptions {
  readonly disk: Disk
  readonly clock: Clock
  readonly timers: Timers
  /** Bytes a second, at most; Infinity for as fast as it goes. */
  readonly bytesPerSecond: number
  /** Told after every piece. */
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void
}

/**
 * Copies what the source gives into a directory that does not exist or is empty, checks it on the
 * way and as a whole, and makes it a backup by writing its manifest last. Throws a TargetFault, a
 * BackupFault, a DamagedError or HistoryError for data that is not as it was written, or the disk's
 * error; nothing of it stays then.
 */
export async function createBackup(
  source: BackupSource,
  directory: string,
  options: CopyOptions,
): Promise<Manifest> {
  const { disk } = options
  await requireEmpty(disk, directory)
  try {
    return await new BackupWriter(source, directory, options).run()
  } catch (error) {
    await disk.remove(`${directory}/${CONTENT_DIRECTORY}`).catch(() => {})
    throw error
  }
}

class BackupWriter {
  readonly #source: BackupSource
  readonly #directory: string
  readonly #content: string
  readonly #options: CopyOptions
  readonly #tree: TargetTree
  readonly #throttle: IoThrottle
  readonly #buffer = Buffer.alloc(PIECE_BYTES)
  readonly #files: BackupFile[] = []
  readonly #totalBytes: number
  #doneBytes = 0

  constructor(source: BackupSource, directory: string, options: CopyOptions) {
    this.#source = source
    this.#directory = directory
    this.#content = `${directory}/${CONTENT_DIRECTORY}`
    this.#options = options
    this.#tree = new TargetTree(options.disk, directory)
    this.#throttle = new IoThrottle(options.clock, options.timers)
    this.#throttle.setRate(options.bytesPerSecond)
    const { journal, small, keys, segments } = source.cut
    this.#totalBytes = [...journal, ...small, ...keys, ...segments].reduce(
      (sum, { sizeBytes }) => sum + sizeBytes,
      0,
    )
  }

  async run(): Promise<Manifest> {
    const { disk } = this.#options
    const { cut } = this.#source
    await this.#tree.makeDirectory(this.#content)
    // Replay looks into it, also when there is nothing that only the journal has.
    await this.#tree.makeDirectory(`${this.#content}/journal`)
    // As fast as it goes: the broker wants these files back for new records.
    for (const file of cut.journal) await this.#copy(file, undefined, null)
    await this.#source.journalCopied()
    for (const file of [...cut.small, ...cut.keys]) await this.#copy(file, undefined, null)
    const named = await this.#segments()
    for (const file of cut.segments) await this.#copy(file, named.get(file.path), this.#throttle)
    await this.#tree.sync()
    const checked = await checkImage(disk, this.#content)
    requireCut(cut, checked)
    return writeManifest(disk, this.#directory, {
      ...{ id: cut.id, createdAt: cut.createdAt, hasKeys: cut.keys.length > 0 },
      ...{ ...checked, files: this.#files },
    })
  }

  /** What the checkpoint says of them, by their paths. */
  async #segments(): Promise<ReadonlyMap<string, ImageSegment>> {
    const size = this.#source.cut.small.find(({ path }) => path === 'checkpoint')?.sizeBytes ?? 0
    const bytes = Buffer.alloc(size)
    await this.#source.read('checkpoint', 0, bytes)
    return new Map(Array.from(new LogImage(bytes).segments(), (segment) => [segment.path, segment]))
  }

  async #copy(
    { path, sizeBytes }: SourceFile,
    segment: ImageSegment | undefined,
    throttle: IoThrottle | null,
  ): Promise<void> {
    const { sha256 } = await this.#tree.create(`${CONTENT_DIRECTORY}/${path}`, (target) =>
      passFile({
        ...{ path, sizeBytes, segment, target, throttle, buffer: this.#buffer },
        read: (position, piece) => this.#source.read(path, position, piece),
        onPiece: (count) => this.#progress(count),
      }),
    )
    this.#files.push({ path, sizeBytes, sha256 })
  }

  async #progress(count: number): Promise<void> {
    this.#doneBytes += count
    this.#options.onProgress?.(this.#doneBytes, this.#totalBytes)
    await this.#source.keepAlive(this.#doneBytes)
  }
}

/** What replaying the copy gives must be what the broker had at the cut. */
function requireCut(cut: SourceCut, { journalSequence, logs }: CheckedImage): void {
  if (cut.journalSequence !== null && cut.journalSequence !== journalSequence) {
    throw new BackupFault(
      `the journal was copied up to frame ${journalSequence}, not ${cut.journalSequence}; make the backup again`,
    )
  }
  const ends = new Map(logs.map((log) => [`${log.topicId}-${log.partition}`, log.endOffset]))
  for (const { topicId, partition, topicName, endOffset } of cut.logs) {
    const copied = ends.get(`${topicId}-${partition}`) ?? 0
    if (copied === endOffset) continue
    throw new BackupFault(
      `${topicName || topicId}-${partition} was copied up to offset ${copied}, not ${endOffset}; make the backup again`,
    )
  }
}
