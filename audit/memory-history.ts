import { decodeRecord, encodeRecord } from './codec.ts'
import type { History, HistoryAppend, HistoryEntry } from './history.ts'
import type { HistoryRecord } from './record.ts'

/** A history that lives as long as the process: for tests, and for tools that replay an export. */
export function createMemoryHistory(stored: readonly Uint8Array[] = []): History {
  const entries: HistoryEntry[] = stored.map((bytes, seq) => ({
    record: decodeRecord(bytes, seq),
    bytes,
  }))
  const listeners = new Set<(appended: readonly HistoryEntry[]) => void>()

  function append(records: readonly HistoryRecord[]): HistoryAppend {
    const expected = records[0]?.seq ?? entries.length
    if (expected !== entries.length) return { kind: 'unexpected-seq', nextSeq: entries.length }
    const appended = records.map((record) => ({ record, bytes: encodeRecord(record) }))
    for (const entry of appended) entries.push(entry)
    for (const listener of listeners) listener(appended)
    return { kind: 'appended' }
  }

  return {
    get nextSeq() {
      return entries.length
    },
    append: (records) => Promise.resolve(append(records)),
    read: (fromSeq, limit) => Promise.resolve(entries.slice(fromSeq, fromSeq + limit)),
    scan(fromSeq, limit, take) {
      const found = entries.slice(fromSeq, fromSeq + limit)
      for (const [index, { bytes }] of found.entries()) take(bytes, fromSeq + index)
      return Promise.resolve(found.length)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
