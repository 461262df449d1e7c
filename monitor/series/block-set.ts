import type { Disk, Logger } from '../../kit/index.ts'
import { sizeOfFile } from '../../kit/index.ts'
import type { Labels, Selection } from '../promql/index.ts'
import type { BlockSeries, ReadBudget } from './block.ts'
import { Block, writeBlock } from './block.ts'
import { CorruptBytesError } from './byte-reader.ts'

const BLOCK_NAME = /^block-(\d+)-(\d+)-(\d+)$/
const DAY_MS = 24 * 3_600_000
/** Blocks whose index is in memory at the same time. */
const MAX_OPEN = 8

/** A block on disk, by its name: samples from `fromMs` until `cutMs`, and in chunks that cross it up to `lastMs`. */
interface StoredBlock {
  readonly path: string
  readonly fromMs: number
  readonly cutMs: number
  readonly lastMs: number
  readonly sizeBytes: number
}

/** The blocks of a directory. Few are open at once; the one that was used longest ago is closed. */
export class BlockSet {
  readonly #disk: Disk
  readonly #directory: string
  readonly #logger: Logger
  #blocks: StoredBlock[] = []
  readonly #open = new Map<string, Promise<Block>>()

  private constructor(disk: Disk, directory: string, logger: Logger) {
    this.#disk = disk
    this.#directory = directory
    this.#logger = logger
  }

  static async open(disk: Disk, directory: string, logger: Logger): Promise<BlockSet> {
    const set = new BlockSet(disk, directory, logger)
    for (const name of await disk.list(directory)) {
      if (name.endsWith('.new')) await disk.remove(`${directory}/${name}`)
      else if (BLOCK_NAME.test(name))
        set.add(`${directory}/${name}`, await sizeOfFile(disk, `${directory}/${name}`))
    }
    await set.#removeMerged()
    return set
  }

  get sizeBytes(): number {
    return this.#blocks.reduce((sum, block) => sum + block.sizeBytes, 0)
  }

  /** Samples before this are in blocks. */
  get cutMs(): number {
    return Math.max(0, ...this.#blocks.map((block) => block.cutMs))
  }

  pathFor(fromMs: number, cutMs: number, lastMs: number): string {
    return `${this.#directory}/block-${fromMs}-${cutMs}-${lastMs}`
  }

  add(path: string, sizeBytes: number): void {
    const [, fromMs, cutMs, lastMs] = BLOCK_NAME.exec(path.slice(path.lastIndexOf('/') + 1)) ?? []
    this.#blocks.push({
      path,
      fromMs: Number(fromMs),
      cutMs: Number(cutMs),
      lastMs: Number(lastMs),
      sizeBytes,
    })
    this.#blocks.sort((a, b) => a.fromMs - b.fromMs)
  }

  /** Labels of what is selected; reads no samples, however many there are. */
  async labels(selection: Selection): Promise<Labels[]> {
    const { matchers, fromMs, toMs } = selection
    const found: Labels[] = []
    await this.#visit([selection], async (block) => {
      for (const labels of block.labels(matchers, fromMs, toMs)) found.push(labels)
    })
    return found
  }

  /**
   * For each selection what blocks have of it, of each block in turn: one is opened once, however many ask.
   * @throws EvaluationError before it reads more than the budget has
   */
  async selectAll(selections: readonly Selection[], budget: ReadBudget): Promise<BlockSeries[][]> {
    const found = selections.map((): BlockSeries[] => [])
    await this.#visit(selections, async (block, stored) => {
      for (const [at, selection] of selections.entries()) {
        if (!overlaps(stored, selection)) continue
        const { matchers, fromMs, toMs } = selection
        for (const series of await block.select(matchers, fromMs, toMs, budget))
          found[at]?.push(series)
      }
    })
    return found
  }

  /** Each block that one of them asks for. A damaged one is told of and left out: what the others have still counts. */
  async #visit(
    selections: readonly Selection[],
    look: (block: Block, stored: StoredBlock) => Promise<void>,
  ): Promise<void> {
    for (const stored of [...this.#blocks]) {
      if (!selections.some((selection) => overlaps(stored, selection))) continue
      try {
        await look(await this.#opened(stored.path), stored)
      } catch (error) {
        if (!(error instanceof CorruptBytesError)) throw error
        this.#logger.error(
          { err: error, path: stored.path },
          'a block of series is damaged and left out',
        )
      }
    }
  }

  /** Makes one block of the blocks of each day that is over. */
  async mergeDays(nowMs: number): Promise<void> {
    const days = Map.groupBy(this.#blocks, (block) => Math.floor(block.fromMs / DAY_MS))
    for (const [day, blocks] of days) {
      const first = blocks[0]
      const last = blocks.at(-1)
      if (blocks.length < 2 || first === undefined || last === undefined) continue
      if ((day + 1) * DAY_MS > nowMs - DAY_MS / 12) continue
      const lastMs = Math.max(...blocks.map((block) => block.lastMs))
      const path = this.pathFor(first.fromMs, last.cutMs, lastMs)
      const sizeBytes = await writeBlock(this.#disk, path, await this.#merged(blocks))
      await this.#disk.syncDirectory(this.#directory)
      this.add(path, sizeBytes)
      for (const block of blocks) await this.#remove(block)
    }
  }

  /** Lets blocks go that end before a time, then the oldest until all fit. */
  async expire(beforeMs: number, maxBytes: number): Promise<void> {
    for (const block of [...this.#blocks]) {
      if (block.lastMs < beforeMs || this.sizeBytes > maxBytes) await this.#remove(block)
    }
  }

  async close(): Promise<void> {
    for (const block of this.#open.values()) await (await block).close()
    this.#open.clear()
  }

  async #merged(blocks: readonly StoredBlock[]): Promise<Iterable<BlockSeries>> {
    const merged = new Map<
      string,
      { labels: BlockSeries['labels']; chunks: BlockSeries['chunks'][number][] }
    >()
    for (const stored of blocks) {
      const block = await this.#opened(stored.path)
      for (const { labels, chunks } of await block.select(
        [],
        Number.NEGATIVE_INFINITY,
        Number.POSITIVE_INFINITY,
        { leftBytes: Number.POSITIVE_INFINITY },
      )) {
        const known = merged.get(labels.key)
        if (known === undefined) merged.set(labels.key, { labels, chunks: [...chunks] })
        else known.chunks.push(...chunks)
      }
    }
    return merged.values()
  }

  /** After a crash between a merge and the end of what it merged, both are there. */
  async #removeMerged(): Promise<void> {
    for (const block of [...this.#blocks]) {
      const isInside = this.#blocks.some(
        (other) => other !== block && other.fromMs <= block.fromMs && other.cutMs >= block.cutMs,
      )
      if (isInside) await this.#remove(block)
    }
  }

  async #remove(block: StoredBlock): Promise<void> {
    this.#blocks = this.#blocks.filter((other) => other !== block)
    await this.#forget(block.path)
    await this.#disk.remove(block.path)
  }

  async #opened(path: string): Promise<Block> {
    const known = this.#open.get(path)
    this.#open.delete(path)
    const block = known ?? Block.open(this.#disk, path)
    this.#open.set(path, block)
    const [oldest] = this.#open.keys()
    if (this.#open.size > MAX_OPEN && oldest !== undefined) await this.#forget(oldest)
    try {
      return await block
    } catch (error) {
      this.#open.delete(path)
      throw error
    }
  }

  async #forget(path: string): Promise<void> {
    const block = this.#open.get(path)
    this.#open.delete(path)
    if (block !== undefined)
      await block.then(
        (one) => one.close(),
        () => undefined,
      )
  }
}

function overlaps(stored: StoredBlock, { fromMs, toMs }: Selection): boolean {
  return stored.fromMs <= toMs && stored.lastMs >= fromMs
}
