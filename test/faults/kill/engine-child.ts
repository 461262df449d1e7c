/**
 * A storage engine under load, until it is killed: `node engine-child.ts ORDERS`, where ORDERS is a
 * `ChildOrders` in JSON. It reports a `ChildLine` for everything before it does it and after it heard
 * of it, and says "open" once it begins.
 */
import { openSync, writeSync } from 'node:fs'
import type { LogStore, PartitionLog } from '../../../broker/log/index.ts'
import type { Random } from '../../../kit/index.ts'
import { seededRandom } from '../../../kit/index.ts'
import type { BatchDescription, ChildLine, ChildOrders } from './engine-load.ts'
import { batchOf, openStore, PARTITIONS, TOPIC_ID } from './engine-load.ts'

const IN_FLIGHT = 5
const TRIM_EVERY = 150

const orders: ChildOrders = JSON.parse(process.argv[2] ?? '')
const report = openSync(orders.reportFile, 'wx')
const random = seededRandom(orders.seed)
const store = await openStore(orders.dataDirectory)
tell({ event: 'open', leaderEpoch: logOf(store, 0).leaderEpoch })
process.stdout.write('open\n')

for (const batch of orders.retries) await append([batch])
await Promise.all(
  Array.from({ length: PARTITIONS }, (_, partition) => loadPartition(partition, random)),
)

function tell(line: ChildLine): void {
  writeSync(report, `${JSON.stringify(line)}\n`)
}

function logOf(from: LogStore, partition: number): PartitionLog {
  const log = from.find(TOPIC_ID, partition)
  if (!log) throw new Error(`partition ${partition} is gone`)
  return log
}

/** Even partitions have an idempotent producer each; odd ones are appended to by anyone. */
async function loadPartition(partition: number, dice: Random): Promise<never> {
  const state = orders.producers[partition]
  let nextSequence = state?.nextSequence ?? 0
  const inFlight = new Set<Promise<void>>()
  for (let count = 0; ; count++) {
    const recordCount = 1 + dice.below(4)
    const producer =
      partition % 2 === 0 && state ? { id: state.id, baseSequence: nextSequence } : null
    if (producer) nextSequence += recordCount
    const batch: BatchDescription = {
      id: `${orders.round}-${partition}-${count}`,
      partition,
      recordCount,
      valueBytes: 20 + dice.below(3_000),
      acks: producer || dice.below(2) === 0 ? 'durable' : 'written',
      atomicGroup: null,
      producer,
    }
    const sent = append(partition === 1 && count % 10 === 0 ? withTwin(batch) : [batch])
    inFlight.add(sent)
    void sent.then(() => inFlight.delete(sent))
    if (partition === 3 && count % TRIM_EVERY === TRIM_EVERY - 1) await trim(partition)
    if (inFlight.size >= IN_FLIGHT) await Promise.race(inFlight)
  }
}

/** The same again for the partition without other duties, both or none. */
function withTwin(batch: BatchDescription): BatchDescription[] {
  const atomicGroup = batch.id
  const acks = 'durable'
  return [
    { ...batch, acks, atomicGroup },
    { ...batch, acks, atomicGroup, id: `${batch.id}-twin`, partition: 3 },
  ]
}

async function append(batches: readonly BatchDescription[]): Promise<void> {
  for (const batch of batches) tell({ event: 'send', batch })
  const results = await store.append(
    batches.map((batch) => ({ log: logOf(store, batch.partition), batch: batchOf(batch) })),
    { acks: batches[0]?.acks ?? 'durable', atomic: batches.length > 1 },
  )
  for (const [i, result] of results.entries()) {
    const offset = 'baseOffset' in result ? result.baseOffset : -1
    tell({ event: 'answer', id: batches[i]?.id ?? '', kind: result.kind, offset })
  }
}

async function trim(partition: number): Promise<void> {
  const log = logOf(store, partition)
  const offset = Math.floor((log.logStartOffset + log.highWatermark) / 2)
  tell({ event: 'trim', partition, offset })
  tell({ event: 'trimmed', partition, offset: await store.trim(log, offset) })
}
