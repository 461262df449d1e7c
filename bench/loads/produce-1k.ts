import { fullBatchOf } from './batch-shapes.ts'
import type { ProduceLoad } from './load.ts'

export const produce1k: ProduceLoad = {
  kind: 'produce',
  name: 'produce-1k',
  summary: '1 KiB records, 16 KiB batches, acks=all, 1 partition, 4 producers, 5 in flight each',
  partitions: 1,
  batch: fullBatchOf(1024),
  producers: { connections: 4, inFlight: 5, partitionsPerRequest: 1 },
}
