import { dirname } from 'node:path'
import type { Disk, Logger } from '../../kit/index.ts'
import type { Labels, Matcher, Selection, SeriesSource } from '../promql/index.ts'
import type { BlockSeries } from './block.ts'
import { writeBlock } from './block.ts'
import { BlockSet } from './block-set.ts'
import type { Chunk } from './chunk.ts'
import { Head } from './head.ts'
import type { SampleBatch } from './journal.ts'
import { Journal, readJournal } from './journal.ts'
import { ChunkDecoder } from './merge-chunks.ts'

export interface SeriesStoreOptions {
  /** How long samples are kept. */
  readonly retentionMs: number
  /** What blocks may take on disk; the oldest go first. */
  readonly maxBytes: number
  /** Series in memory; more are refused. */
  readonly maxSeries: number
  /** Compressed samples that one query may bring from blocks into memory. */
  readonly maxReadBytes: number
}

export const DEFAULT_STORE_OPTIONS: SeriesStoreOptions = {
  retentionMs: 15 * 24 * 3_600_000,
  maxBytes: 10 * 1024 ** 3,
  maxSeries: 500_000,
  maxReadBytes: 512 * 1024 * 1024,
}

/** Series by place, and for each selection the places of its own. */
export interface SelectedChunks {
  readonly series: readonly BlockSeries[]
  readonly bySelection: readonly (readonly number[])[]
}

interface SelectedSeries {
  readonly place: number
  readonly labels: Labels
  /** Chunks by the time of their first sample: the same one may be in memory and in a block. */
  readonly byStart: Map<number, Chunk>
}

/** What lies together in one block, as in Prometheus. */
const BLOCK_MS = 2 * 3_600_000
/** What was scraped before two hours were over comes in so long after them at most. Once they are a block, a restart would lose it. */
const LATE_MS = 60_000
/** What may wait in memory for a disk that fails: hours of samples. */
const MAX_UNWRITTEN_BYTES = 64 * 1024 * 1024
const JOURNAL_NAME = /^journal-(\d+)$/

/**
 * Samples of all series: the recent past in memory, compressed, the rest in blocks on disk. A journal holds what no
 * block has yet; after a crash the samples that were not synced are gone, and nothing else.
 */
export class SeriesStore {
  readonly #disk: Disk
  readonly #directory: string
  readonly #options: SeriesStoreOptions
  readonly #logger: Logger
  readonly #head: Head
  readonly #blocks: BlockSet
  #journal: Journal
  /** The newest sample of each journal that is still there, by number; the last one is being written. */
  readonly #journals: Map<number, number>
  /** Samples before this are in blocks. */
  #cutMs: number
  #work: Promise<void> = Promise.resolve()
  #refusedSeries = 0
  #appendedSamples = 0
  #failures = 0

  private constructor(
    disk: Disk,
    directory: string,
    options: SeriesStoreOptions,
    logger: Logger,
    parts: { head: Head; blocks: BlockSet; journal: Journal; journals: Map<number, number> },
  ) {
    this.#disk = disk
    this.#directory = directory
    this.#options = options
    this.#logger = logger
    this.#head = parts.head
    this.#blocks = parts.blocks
    this.#journal = parts.journal
    this.#journals = parts.journals
    this.#cutMs = parts.blocks.cutMs
  }

  static async open(
    disk: Disk,
    directory: string,
    options: SeriesStoreOptions,
    logger: Logger,
  ): Promise<SeriesStore> {
    await disk.makeDirectory(directory)
    await disk.syncDirectory(dirname(directory))
    const blocks = await BlockSet.open(disk, directory, logger)
    const head = new Head(options.maxSeries)
    const journals = new Map<number, number>()
    for (const number of await journalNumbers(disk, directory)) {
      journals.set(number, await replay(disk, journalPath(directory, number), head, blocks.cutMs))
    }
    const created = await createJournal(disk, directory, journals)
    const journal = beginJournal(created, journals, head)
    return new SeriesStore(disk, directory, options, logger, { head, blocks, journal, journals })
  }

  get seriesCount(): number {
    return this.#head.seriesCount
  }

  /** Series that were not taken in because there were too many. */
  get refusedSeries(): number {
    return this.#refusedSeries
  }

  /** Samples that were handed over, from the start of this process on. */
  get appendedSamples(): number {
    return this.#appendedSamples
  }

  /** Times that the disk did not take what it should. */
  get failures(): number {
    return this.#failures
  }

  get blockBytes(): number {
    return this.#blocks.sizeBytes
  }

  /** The number by which samples of a series are appended; null when there is no room for another series. */
  numberOf(labels: Labels): number | null {
    const before = this.#head.seriesCount
    const number = this.#head.numberOf(labels)
    if (number === null) this.#refusedSeries++
    else if (this.#head.seriesCount > before) this.#journal.addSeries(number, labels)
    return number
  }

  /** The labels of a series; null when it is forgotten, because it got no samples for hours. */
  labelsOf(number: number): Labels | null {
    return this.#head.labelsOf(number)
  }

  /** Takes in samples of one time; those no newer than the last one of their series are left out. Keeps nothing of the batch. */
  append(batch: SampleBatch): void {
    for (let at = 0; at < batch.series.length; at++)
      this.#head.append(batch.series[at] as number, batch.timeMs, batch.values, at)
    this.#appendedSamples += batch.series.length
    this.#journal.addBatch(batch)
    const [current, lastMs] = newest(this.#journals)
    this.#journals.set(current, Math.max(lastMs, batch.timeMs))
  }

  /** Makes what was appended durable. */
  sync(): Promise<void> {
    return this.#inTurn(async () => {
      try {
        await this.#journal.sync()
      } catch (error) {
        if (this.#journal.unwrittenBytes > MAX_UNWRITTEN_BYTES) this.#forgetUnwritten()
        throw error
      }
    })
  }

  /** Moves what is older than the last full two hours into a block, merges small blocks, and lets old ones go. */
  maintain(nowMs: number): Promise<void> {
    return this.#inTurn(async () => {
      const cutMs = Math.floor((nowMs - LATE_MS) / BLOCK_MS) * BLOCK_MS
      if (cutMs > this.#cutMs && this.#head.seriesCount > 0) await this.#cut(cutMs)
      await this.#blocks.mergeDays(nowMs)
      await this.#blocks.expire(nowMs - this.#options.retentionMs, this.#options.maxBytes)
    })
  }

  /** What is in memory, at once: at least the last two hours. */
  recent(): SeriesSource {
    return this.#source(new Map())
  }

  /** Brings into memory what a query selects, and answers it from there. Rejects with an EvaluationError when that is too much. */
  async view(selections: readonly Selection[]): Promise<SeriesSource> {
    const stored = new Map<string, BlockSeries>()
    for (const found of (
      await this.#blocks.selectAll(selections, budgetOf(this.#options))
    ).flat()) {
      const known = stored.get(found.labels.key)
      stored.set(found.labels.key, known === undefined ? found : joined(known, found))
    }
    return this.#source(stored)
  }

  /**
   * The chunks of all that a query selects, still compressed: to be read somewhere else, while samples go on coming in
   * here. What belongs to which selection is by place.
   */
  async chunks(selections: readonly Selection[]): Promise<SelectedChunks> {
    const found = new Map<string, SelectedSeries>()
    const bySelection: number[][] = []
    const take = ({ fromMs, toMs }: Selection, { labels, chunks }: BlockSeries): number => {
      const known = found.get(labels.key) ?? { place: found.size, labels, byStart: new Map() }
      found.set(labels.key, known)
      for (const chunk of chunks) {
        if (chunk.firstMs > toMs || chunk.lastMs < fromMs) continue
        const same = known.byStart.get(chunk.firstMs)
        if (same === undefined || same.count < chunk.count) known.byStart.set(chunk.firstMs, chunk)
      }
      return known.place
    }
    // The head first: what a block takes over meanwhile is then found twice, and not nowhere.
    const recent = selections.map(({ matchers }) => [...this.#head.select(matchers)])
    const stored = await this.#blocks.selectAll(selections, budgetOf(this.#options))
    for (const [at, selection] of selections.entries()) {
      const all = [...(recent[at] ?? []), ...(stored[at] ?? [])]
      bySelection.push([...new Set(all.map((series) => take(selection, series)))])
    }
    const series = Array.from(found.values(), ({ labels, byStart }) => ({
      labels,
      chunks: [...byStart.values()].sort((a, b) => a.firstMs - b.firstMs),
    }))
    return { series, bySelection }
  }

  /** Labels of the series that one of the lists of matchers accepts and that have samples in the time. */
  async labels(
    selectors: readonly (readonly Matcher[])[],
    fromMs: number,
    toMs: number,
  ): Promise<Labels[]> {
    const found = new Map<string, Labels>()
    for (const matchers of selectors) {
      for (const { labels, chunks } of this.#head.select(matchers)) {
        if (chunks.some((chunk) => chunk.firstMs <= toMs && chunk.lastMs >= fromMs))
          found.set(labels.key, labels)
      }
      for (const labels of await this.#blocks.labels({ matchers, fromMs, toMs }))
        found.set(labels.key, labels)
    }
    return [...found.values()]
  }

  async close(): Promise<void> {
    await this.sync()
    await this.#journal.close()
    await this.#blocks.close()
  }

  /** A block of all chunks that begin before `cutMs`; then a new journal, and the one before the last goes. */
  async #cut(cutMs: number): Promise<void> {
    this.#head.closeBefore(cutMs)
    const series = [...this.#head.closedBefore(cutMs)]
    if (series.length > 0) {
      const lastMs = series.reduce(
        (latest, { chunks }) => Math.max(latest, chunks.at(-1)?.lastMs ?? 0),
        0,
      )
      const path = this.#blocks.pathFor(this.#cutMs, cutMs, lastMs)
      const sizeBytes = await writeBlock(this.#disk, path, series)
      await this.#disk.syncDirectory(this.#directory)
      this.#blocks.add(path, sizeBytes)
    }
    this.#head.forget(series)
    this.#cutMs = cutMs
    const journal = await createJournal(this.#disk, this.#directory, this.#journals)
    const done = this.#journal
    // At once with what comes before: a batch is in the one journal or in the other.
    this.#journal = beginJournal(journal, this.#journals, this.#head)
    // With what came while the block was written.
    await done.sync().finally(() => done.close())
    for (const [number, newestMs] of [...this.#journals].slice(0, -1)) {
      if (newestMs >= cutMs) continue
      await this.#disk.remove(journalPath(this.#directory, number))
      this.#journals.delete(number)
    }
  }

  /** A crash would lose it; a block will have it. */
  #forgetUnwritten(): void {
    const bytes = this.#journal.unwrittenBytes
    this.#logger.error(
      { bytes },
      'the disk takes no samples: they are only in memory until it does',
    )
    this.#journal.forgetUnwritten()
    for (const [series, labels] of this.#head.all()) this.#journal.addSeries(series, labels)
  }

  /** The head together with what blocks have of the same series. */
  #source(stored: ReadonlyMap<string, BlockSeries>): SeriesSource {
    const head = this.#head
    return {
      *select(matchers, fromMs, toMs) {
        const decoder = new ChunkDecoder(fromMs, toMs)
        const told = new Set<string>()
        for (const { labels, chunks } of head.select(matchers)) {
          // Keys of labels are made when they are asked for, and stay: not for all series, when nothing is stored.
          const older = stored.size === 0 ? undefined : stored.get(labels.key)
          if (older !== undefined) told.add(labels.key)
          yield decoder.series(labels, older === undefined ? chunks : [...older.chunks, ...chunks])
        }
        for (const { labels, chunks } of stored.values()) {
          if (told.has(labels.key) || !matchers.every((matcher) => matcher.matches(labels)))
            continue
          yield decoder.series(labels, chunks)
        }
      },
    }
  }

  /** One after the other: a sync must not write into a journal that a cut is closing. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#work.then(work)
    this.#work = done.catch((error: unknown) => {
      this.#failures++
      this.#logger.error({ err: error }, 'series could not be written')
    })
    return done
  }
}

function budgetOf({ maxReadBytes }: SeriesStoreOptions): { leftBytes: number } {
  return { leftBytes: maxReadBytes }
}

function joined(one: BlockSeries, other: BlockSeries): BlockSeries {
  return { labels: one.labels, chunks: [...one.chunks, ...other.chunks] }
}

async function journalNumbers(disk: Disk, directory: string): Promise<number[]> {
  return (await disk.list(directory))
    .map((name) => Number(JOURNAL_NAME.exec(name)?.[1] ?? Number.NaN))
    .filter((number) => !Number.isNaN(number))
    .sort((a, b) => a - b)
}

function journalPath(directory: string, number: number): string {
  return `${directory}/journal-${number}`
}

/** The number of the newest journal, and of its newest sample. */
function newest(journals: ReadonlyMap<number, number>): [number: number, lastMs: number] {
  return [...journals].at(-1) ?? [0, 0]
}

interface NewJournal {
  readonly journal: Journal
  readonly number: number
}

async function createJournal(
  disk: Disk,
  directory: string,
  journals: ReadonlyMap<number, number>,
): Promise<NewJournal> {
  const number = newest(journals)[0] + 1
  const journal = await Journal.create(disk, journalPath(directory, number))
  await disk.syncDirectory(directory)
  return { journal, number }
}

/** Makes it the newest, and tells it of the series of the head, for batches to come. */
function beginJournal(
  { journal, number }: NewJournal,
  journals: Map<number, number>,
  head: Head,
): Journal {
  for (const [series, labels] of head.all()) journal.addSeries(series, labels)
  journals.set(number, Number.NEGATIVE_INFINITY)
  return journal
}

/** Brings back what no block has; answers the time of the newest sample. */
async function replay(disk: Disk, path: string, head: Head, cutMs: number): Promise<number> {
  const numbers: (number | null)[] = []
  let lastMs = Number.NEGATIVE_INFINITY
  await readJournal(disk, path, {
    series: (number, labels) => {
      numbers[number] = head.numberOf(labels)
    },
    batch: ({ timeMs, series, values }) => {
      lastMs = Math.max(lastMs, timeMs)
      if (timeMs < cutMs) return
      for (let at = 0; at < series.length; at++) {
        const known = numbers[series[at] as number] ?? null
        if (known !== null) head.append(known, timeMs, values, at)
      }
    },
  })
  return lastMs
}
