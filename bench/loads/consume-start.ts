import { fullBatchOf } from './batch-shapes.ts'
import type { ConsumeLoad } from './load.ts'

const GIB = 1024 ** 3

export const consumeStart: ConsumeLoad = {
  kind: 'consume',
  name: 'consume-start',
  summary: '1 KiB records from the start of 1 GiB (page cache warm), 4 partitions, 4 consumers',
  partitions: 4,
  batch: fullBatchOf(1024),
  producers: { connections: 4, inFlight: 5, partitionsPerRequest: 1 },
  consumers: 4,
  preloadBytes: GIB,
  readBytes: GIB,
}
