import { fullBatchOf } from './batch-shapes.ts'
import type { BothWaysLoad } from './load.ts'

export const bothWays: BothWaysLoad = {
  kind: 'both-ways',
  name: 'both-ways',
  summary: '100 B records written and read at once, 4 partitions, 2 producers, 2 consumers',
  partitions: 4,
  batch: fullBatchOf(100),
  producers: { connections: 2, inFlight: 5, partitionsPerRequest: 2 },
  consumers: 2,
}
