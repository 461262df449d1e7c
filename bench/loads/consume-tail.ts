import { fullBatchOf } from './batch-shapes.ts'
import type { ConsumeLoad } from './load.ts'

const MIB = 1024 * 1024

export const consumeTail: ConsumeLoad = {
  kind: 'consume',
  name: 'consume-tail',
  summary: '1 KiB records, the last 32 MiB read again and again, 4 partitions, 4 consumers',
  partitions: 4,
  batch: fullBatchOf(1024),
  producers: { connections: 4, inFlight: 5, partitionsPerRequest: 1 },
  consumers: 4,
  preloadBytes: 128 * MIB,
  readBytes: 32 * MIB,
}
