import type { Logger } from '../../../kit/index.ts'
import { codeOf, reasonOf } from '../errors.ts'
import type { Arena } from '../memory/arena.ts'
import { Partition } from '../partition/partition.ts'
import type {
  AbortedTransaction,
  PartitionRead,
  ReadLimits,
  ReadRequest,
  ReadResult,
} from '../port.ts'
import type { FileCache } from '../segments/file-cache.ts'
import type { IndexCache } from '../segments/index-cache.ts'
import { CorruptSegmentError } from '../segments/index-file.ts'
import type { ColdBatches } from './cold-reader.ts'
import { ColdReader } from './cold-reader.ts'
import type { DiskTurns } from './disk-turns.ts'
import { readHot } from './hot-reader.ts'
import type { PageCacheGuess } from './page-cache-guess.ts'
import { ReadBuffers } from './read-buffers.ts'
import type { ReadLanes } from './read-lanes.ts'
import type { Allowance } from './read-session.ts'
import { ReadSession } from './read-session.ts'

/** A segment may be trimmed away or replaced between finding and opening it; then it is found anew. */
const MAX_ATTEMPTS = 5
/** Segments that one read looks into at the same time. */
const MAX_READS_AT_ONCE = 8

export interface ReaderOptions {
  readonly arena: Arena
  readonly files: FileCache
  readonly indexes: IndexCache
  readonly readBytes: number
  /** Memory for reads that is kept while nobody reads. */
  readonly idleBytes: number
  /** Memory for what readers are expected to ask for next. */
  readonly aheadBytes: number
  /** Reads from files at a time, over all sessions. */
  readonly lanes: ReadLanes
  readonly pageCache: PageCacheGuess
  /** Of reads of what is not cached, among appends. */
  readonly turns: DiskTurns
  readonly logger: Logger
}

/** Answers reads: from memory at once where the batches are there, else from segment files. */
export class Reader {
  readonly #options: ReaderOptions
  readonly #buffers: ReadBuffers
  readonly #cold: ColdReader
  /** Reads that needed a file. */
  coldReads = 0
  hotReads = 0

  constructor(options: ReaderOptions) {
    this.#options = options
    const { files, indexes, readBytes, idleBytes, aheadBytes, lanes, turns } = options
    this.#buffers = new ReadBuffers(idleBytes)
    this.#cold = new ColdReader({
      ...{ files, indexes, readBytes, aheadBytes, turns, lanes },
      buffers: this.#buffers,
    })
  }

  /** Bytes read from files. */
  get coldBytes(): number {
    return this.#cold.readBytes
  }

  /** Whether all that may be read at a time is being read. */
  get isBusy(): boolean {
    return !this.#options.lanes.hasFree
  }

  read(requests: readonly ReadRequest[], limits: ReadLimits): ReadResult | Promise<ReadResult> {
    const session = new ReadSession(this.#options.arena, this.#buffers, limits)
    for (let i = 0; i < requests.length; i++) {
      const request = requests[i]
      if (request === undefined) break
      const read = this.#readNow(session, request, session.allowanceFor(request))
      if (read === undefined) return this.#readRest(session, requests, i)
      session.add(read)
    }
    return session
  }

  async #readRest(
    session: ReadSession,
    requests: readonly ReadRequest[],
    from: number,
  ): Promise<ReadResult> {
    try {
      let next = from
      while (next < requests.length) {
        const round = this.#nextRound(session, requests, next)
        for (const read of await Promise.all(round)) session.add(read)
        next += round.length
      }
      return session
    } catch (error) {
      session.release()
      throw error
    }
  }

  /**
   * Requests that can be answered at the same time: as many as fit even if each takes all that it
   * may. The first batch of a read may exceed the limits, so nothing is read beside it.
   */
  #nextRound(
    session: ReadSession,
    requests: readonly ReadRequest[],
    from: number,
  ): (PartitionRead | Promise<PartitionRead>)[] {
    const round: (PartitionRead | Promise<PartitionRead>)[] = []
    const { mayExceed } = session
    let leftBytes = session.leftBytes
    for (let i = from; i < requests.length && round.length < MAX_READS_AT_ONCE; i++) {
      const request = requests[i]
      if (request === undefined || (round.length > 0 && leftBytes <= 0)) break
      const allowance = { bytes: Math.min(request.maxBytes, leftBytes), mayExceed }
      const read =
        this.#readNow(session, request, allowance) ?? this.#readCold(session, request, allowance)
      round.push(read)
      if (mayExceed) break
      leftBytes -= allowance.bytes
    }
    return round
  }

  /** What can be said without a file; undefined when a file is needed. */
  #readNow(
    session: ReadSession,
    request: ReadRequest,
    allowance: Allowance,
  ): PartitionRead | undefined {
    const { log, offset } = request
    if (!(log instanceof Partition) || log.state === 'dropped') return DROPPED
    if (log.state === 'quarantined') return CORRUPT
    if (offset < log.logStartOffset || offset > log.endOffset) {
      return { kind: 'offset-out-of-range', ...positionOf(log) }
    }
    const upperOffset = upperOffsetOf(log, session)
    const isSpent = allowance.bytes <= 0 && !allowance.mayExceed
    if (offset >= upperOffset || isSpent) return recordsOf(log, NO_PIECES, 0, NO_ABORTED)
    const { arena } = this.#options
    log.hot.dropBefore(arena.oldestSerial)
    const index = log.hot.find(offset)
    const isHot =
      index < log.hot.end && (log.hot.baseOffset(index) <= offset || log.writtenOffset <= offset)
    if (!isHot) return undefined
    const found = readHot(session, allowance, log, arena, index, upperOffset)
    const aborted =
      found.sizeBytes > 0 ? abortedOf(log, session, offset, found.nextOffset) : NO_ABORTED
    this.hotReads++
    return recordsOf(log, found.pieces, found.sizeBytes, aborted)
  }

  async #readCold(
    session: ReadSession,
    request: ReadRequest,
    allowance: Allowance,
  ): Promise<PartitionRead> {
    this.coldReads++
    for (let attempt = 1; ; attempt++) {
      const log = request.log as Partition
      const upperOffset = upperOffsetOf(log, session)
      // As of now: compaction forgets aborted transactions, but who began to read may still find them.
      const allAborted = abortedOf(log, session, request.offset, upperOffset)
      try {
        const found = await this.#readSegmentOf(session, request, allowance, upperOffset)
        // What was trimmed meanwhile is not given any more, nor the bytes of a dropped log.
        const isGone = request.offset < log.logStartOffset || log.state !== 'open'
        if (isGone || found === undefined) {
          const read = this.#readNow(session, request, allowance)
          if (read !== undefined) return read
          if (attempt < MAX_ATTEMPTS) continue
          return STORAGE_ERROR
        }
        const aborted =
          found.sizeBytes > 0
            ? allAborted.filter(({ firstOffset }) => firstOffset < found.nextOffset)
            : NO_ABORTED
        return recordsOf(log, found.pieces, found.sizeBytes, aborted)
      } catch (error) {
        if (codeOf(error) === 'ENOENT' && attempt < MAX_ATTEMPTS) continue
        return this.#refuse(log, error)
      }
    }
  }

  async #readSegmentOf(
    session: ReadSession,
    request: ReadRequest,
    { bytes: maxBytes, mayExceed }: Allowance,
    upperOffset: number,
  ): Promise<ColdBatches | undefined> {
    const log = request.log as Partition
    let offset = request.offset
    for (;;) {
      // Looked up each time: segments come, go and are replaced while one is read.
      const index = log.findSegment(offset)
      const segment = log.segments[index]
      if (segment === undefined) return undefined
      const cachedFrom = this.#options.pageCache.cachedFrom(log, index)
      const wanted = { offset: request.offset, upperOffset, maxBytes, mayExceed, cachedFrom }
      const found = segment.isEmpty ? undefined : await this.#cold.read(segment, wanted, session)
      // Compaction may have left nothing at or after the offset in this segment.
      if (found !== undefined) return found
      offset = segment.nextOffset
    }
  }

  #refuse(log: Partition, error: unknown): PartitionRead {
    const isCorrupt = error instanceof CorruptSegmentError
    if (!isCorrupt && codeOf(error) === undefined) throw error
    this.#options.logger.error(
      { log: log.describe(), error: reasonOf(error) },
      'could not read a segment',
    )
    return isCorrupt ? CORRUPT : STORAGE_ERROR
  }
}

const DROPPED: PartitionRead = { kind: 'failed', reason: 'dropped' }
const CORRUPT: PartitionRead = { kind: 'failed', reason: 'corrupt' }
const STORAGE_ERROR: PartitionRead = { kind: 'failed', reason: 'storage-error' }
const NO_PIECES: readonly Uint8Array[] = []
const NO_ABORTED: readonly AbortedTransaction[] = []

function upperOffsetOf(log: Partition, session: ReadSession): number {
  return session.limits.isolation === 'committed' ? log.lastStableOffset : log.highWatermark
}

function positionOf(log: Partition): {
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly logStartOffset: number
} {
  const { highWatermark, lastStableOffset, logStartOffset } = log
  return { highWatermark, lastStableOffset, logStartOffset }
}

function recordsOf(
  log: Partition,
  pieces: readonly Uint8Array[],
  sizeBytes: number,
  abortedTransactions: readonly AbortedTransaction[],
): PartitionRead {
  return { kind: 'records', pieces, sizeBytes, abortedTransactions, ...positionOf(log) }
}

function abortedOf(
  log: Partition,
  session: ReadSession,
  fromOffset: number,
  toOffset: number,
): readonly AbortedTransaction[] {
  if (session.limits.isolation !== 'committed') return NO_ABORTED
  return log.transactions.abortedIn(fromOffset, toOffset).map(({ producer, firstOffset }) => ({
    producerId: BigInt(producer),
    firstOffset,
  }))
}
