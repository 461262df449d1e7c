import { fullBatchOf } from './batch-shapes.ts'
import type { ProduceLoad } from './load.ts'

export const produce100Partitions: ProduceLoad = {
  kind: 'produce',
  name: 'produce-100-partitions',
  summary: '1 KiB records, acks=all, 100 partitions, 10 batches of 16 KiB a request, 4 producers',
  partitions: 100,
  batch: fullBatchOf(1024),
  producers: { connections: 4, inFlight: 5, partitionsPerRequest: 10 },
}
