import { batchesIn, batchHeader, RecordCursor } from '../../../protocol/index.ts'
import type { LogStore, PartitionLog, PartitionRead } from '../../log/index.ts'
import type { CoordinatorRecord } from '../records/coordinator-record.ts'
import { decodeRecord } from '../records/coordinator-record.ts'

const READ_BYTES = 1024 * 1024

/**
 * Reads a shard's partition from its start to its end and hands over every change in order. Answers
 * the offset at which the log ends. Rejects when the log cannot be read, or holds a record in a
 * version that this program does not know: better no coordinator than one that has forgotten.
 */
export async function loadRecords(
  store: LogStore,
  log: PartitionLog,
  onRecord: (record: CoordinatorRecord) => void,
): Promise<number> {
  let offset = log.logStartOffset
  while (offset < log.endOffset) {
    if (log.state !== 'open') throw new Error(`the log is ${log.state}`)
    // What another coordinator wrote last may not be durable yet, and counts only when it is.
    if (offset >= log.highWatermark) {
      await growth(store, log)
      continue
    }
    const answer = store.read([{ log, offset, maxBytes: READ_BYTES }], {
      maxBytes: READ_BYTES,
      atLeastOne: true,
      isolation: 'uncommitted',
    })
    const result = answer instanceof Promise ? await answer : answer
    try {
      offset = replay(result.partitions[0], offset, onRecord)
    } finally {
      result.release()
    }
  }
  return offset
}

/** Hands over the records of one read from `offset` on and answers where the next one begins. */
function replay(
  read: PartitionRead | undefined,
  offset: number,
  onRecord: (record: CoordinatorRecord) => void,
): number {
  if (read?.kind === 'offset-out-of-range' && read.logStartOffset > offset) {
    return read.logStartOffset
  }
  if (read?.kind !== 'records' || read.sizeBytes === 0) {
    const reason = read?.kind === 'failed' ? read.reason : (read?.kind ?? 'no answer')
    throw new Error(`cannot read the log at offset ${offset}: ${reason}`)
  }
  let nextOffset = offset
  for (const piece of read.pieces) {
    for (const batch of batchesIn(piece)) {
      if (!batchHeader.isControl(batch)) replayBatch(batch, offset, onRecord)
      nextOffset = batchHeader.lastOffset(batch) + 1
    }
  }
  return nextOffset
}

function replayBatch(
  batch: Uint8Array,
  fromOffset: number,
  onRecord: (record: CoordinatorRecord) => void,
): void {
  const cursor = new RecordCursor(batch)
  while (cursor.next()) {
    const key = cursor.key()
    if (cursor.offset < fromOffset || key === null) continue
    const record = decodeRecord(key, cursor.value())
    if (record) onRecord(record)
  }
}

function growth(store: LogStore, log: PartitionLog): Promise<void> {
  return new Promise((resolve) => {
    const stop = store.onGrowth(log, () => {
      stop()
      resolve()
    })
    if (log.highWatermark >= log.endOffset || log.state !== 'open') {
      stop()
      resolve()
    }
  })
}
