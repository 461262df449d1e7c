import type { Random } from '../../kit/index.ts'
import type { SimDisk } from '../../kit/testing.ts'
import { batchesIn, decodeRecords, encodeBatch } from '../../protocol/index.ts'
import type { Actor, Topic } from '../control/index.ts'
import type { PartitionLog } from '../log/index.ts'
import { inlineJournalDevice, openLogStore } from '../log/index.ts'
import type { BackupService } from './backup-service.ts'
import type { BackupSource, SourceCut } from './source.ts'

/** Whoever makes backups in tests. */
export const OPERATOR: Actor = {
  ...{ principal: 'User:root', mechanism: 'test', door: 'http' },
  source: { ip: '127.0.0.1', listener: 'admin' },
}

type Service = Pick<BackupService, 'begin' | 'read' | 'keepAlive' | 'end'>

/** A source that asks the service directly, as the command asks it over HTTP. */
export async function beginBackup(service: Service): Promise<BackupSource> {
  const { cut } = await service.begin(OPERATOR, { validateOnly: false, reason: undefined })
  if (cut === null) throw new Error('the backup was refused')
  return sourceOf(service, cut)
}

function sourceOf(service: Service, cut: SourceCut): BackupSource {
  return {
    cut,
    async read(path, position, target) {
      const bytes = await service.read(cut.id, path, position, target.length)
      target.set(bytes)
      return bytes.length
    },
    journalCopied: async () => service.keepAlive(cut.id, true),
    keepAlive: async () => service.keepAlive(cut.id, false),
  }
}

/** Runs work that needs simulated time to pass. */
export async function whileTimePasses<Result>(
  time: { advance(durationMs: number): Promise<void> },
  work: Promise<Result>,
  onStep: () => void = () => {},
): Promise<Result> {
  let isDone = false
  const ended = work.finally(() => {
    isDone = true
  })
  ended.catch(() => {})
  while (!isDone) {
    await new Promise((resolve) => setImmediate(resolve))
    onStep()
    await time.advance(20)
  }
  return ended
}

/** A batch of records with these values, each with itself as the key. */
export function batchOf(values: readonly string[], timestampMs = 0): Buffer {
  return encodeBatch(
    values.map((value) => {
      const bytes = Buffer.from(value)
      return { timestampMs, key: bytes.subarray(0, 4), value: bytes }
    }),
  )
}

export interface StoredRecord {
  readonly offset: number
  readonly value: string
}

/** What a restored data directory has, opened as a broker would. */
export async function recordsIn(
  disk: SimDisk,
  directory: string,
  time: { readonly clock: object; readonly timers: object; advance(ms: number): Promise<void> },
  random: Random,
  logger: object,
): Promise<ReadonlyMap<string, readonly StoredRecord[]>> {
  const platform = { disk, random, ...time, logger } as unknown as Parameters<
    typeof openLogStore
  >[0]
  const { store, recovery } = await openLogStore({
    ...platform,
    directory,
    journalDevice: inlineJournalDevice(disk),
    limits: { journalFileBytes: 1024 * 1024, journalMaxFiles: 3 },
  })
  if (recovery.quarantined.length > 0) throw new Error(recovery.quarantined[0]?.reason)
  const found = new Map<string, readonly StoredRecord[]>()
  for (const log of store.logs()) found.set(nameOf(log), await recordsOf(store, log))
  await whileTimePasses(time, store.close())
  return found
}

export function nameOf({
  topicId,
  partition,
}: Pick<PartitionLog, 'topicId' | 'partition'>): string {
  return `${topicId}-${partition}`
}

/** The partitions of a topic by the names that `recordsIn` gives them. */
export function namesOf(topic: Topic): readonly string[] {
  return Array.from({ length: topic.partitionCount }, (_, partition) =>
    nameOf({ topicId: topic.id, partition }),
  )
}

type Reader = Pick<Awaited<ReturnType<typeof openLogStore>>['store'], 'read'>

/** All records of a log. */
export async function recordsOf(
  store: Reader,
  log: PartitionLog,
): Promise<readonly StoredRecord[]> {
  const records: StoredRecord[] = []
  for (let offset = log.logStartOffset; offset < log.highWatermark; ) {
    const result = await store.read([{ log, offset, maxBytes: 1_000_000 }], {
      ...{ maxBytes: 1_000_000, atLeastOne: true, isolation: 'uncommitted' },
    })
    const [read] = result.partitions
    if (read?.kind !== 'records') throw new Error(`${log.topicName}: ${read?.kind} at ${offset}`)
    const before = offset
    for (const piece of read.pieces) {
      for (const batch of batchesIn(Buffer.from(piece))) {
        for (const record of decodeRecords(batch)) {
          if (record.offset < offset) continue
          records.push({ offset: record.offset, value: Buffer.from(record.value ?? []).toString() })
          offset = record.offset + 1
        }
      }
    }
    result.release()
    if (offset === before) break
  }
  return records
}
