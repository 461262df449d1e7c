import { fullBatchOf } from './batch-shapes.ts'
import type { BehindLoad } from './load.ts'

export const consume10Gb: BehindLoad = {
  kind: 'behind',
  name: 'consume-10gb',
  summary:
    '1 KiB records, 10 GB behind, read once from the start by 4 consumers: page cache as the writing left it, then cold',
  isLong: true,
  partitions: 4,
  batch: fullBatchOf(1024),
  producers: { connections: 4, inFlight: 5, partitionsPerRequest: 1 },
  consumers: 4,
  preloadBytes: 10e9,
}
