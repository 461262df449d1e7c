import type { Arena } from '../memory/arena.ts'
import type { Partition } from '../partition/partition.ts'
import type { Allowance, ReadSession } from './read-session.ts'

/** Neighbouring batches smaller than this are copied into one piece: writev of thousands costs more. */
const COPY_BELOW_BYTES = 4 * 1024

export interface HotBatchesRead {
  readonly pieces: readonly Uint8Array[]
  readonly sizeBytes: number
  /** Offset after the last batch. */
  readonly nextOffset: number
}

/** Batches from `index` on that lie below `upperOffset` and fit the allowance: views into the arena. */
export function readHot(
  session: ReadSession,
  allowance: Allowance,
  log: Partition,
  arena: Arena,
  index: number,
  upperOffset: number,
): HotBatchesRead {
  const { hot } = log
  let { mayExceed } = allowance
  let end = index
  let sizeBytes = 0
  while (end < hot.end && hot.nextOffset(end) <= upperOffset) {
    const batchBytes = hot.sizeBytes(end)
    if (sizeBytes + batchBytes > allowance.bytes && !mayExceed) break
    mayExceed = false
    sizeBytes += batchBytes
    end++
  }
  if (end === index) return { pieces: [], sizeBytes: 0, nextOffset: hot.baseOffset(index) }
  return {
    pieces: piecesOf(session, log, arena, index, end),
    sizeBytes,
    nextOffset: hot.nextOffset(end - 1),
  }
}

function piecesOf(
  session: ReadSession,
  log: Partition,
  arena: Arena,
  from: number,
  to: number,
): readonly Uint8Array[] {
  const { hot } = log
  const copyBelowBytes = arena.readersShouldCopy ? Infinity : COPY_BELOW_BYTES
  const pieces: Uint8Array[] = []
  let index = from
  while (index < to) {
    let runEnd = index
    let runBytes = 0
    while (runEnd < to && hot.sizeBytes(runEnd) < copyBelowBytes) {
      runBytes += hot.sizeBytes(runEnd)
      runEnd++
    }
    if (runEnd > index) {
      pieces.push(copyRun(session, log, arena, index, runEnd, runBytes))
      index = runEnd
      continue
    }
    const chunk = arena.chunk(hot.chunkSerial(index))
    const position = hot.position(index)
    session.pin(chunk)
    pieces.push(chunk.memory.bytes.subarray(position, position + hot.sizeBytes(index)))
    index++
  }
  return pieces
}

function copyRun(
  session: ReadSession,
  log: Partition,
  arena: Arena,
  from: number,
  to: number,
  sizeBytes: number,
): Uint8Array {
  const { hot } = log
  const target = session.takeBuffer(sizeBytes)
  session.hold(target)
  let at = 0
  for (let index = from; index < to; index++) {
    const { bytes } = arena.chunk(hot.chunkSerial(index)).memory
    const position = hot.position(index)
    at += bytes.copy(target, at, position, position + hot.sizeBytes(index))
  }
  return target.subarray(0, sizeBytes)
}
