import { fullBatchOf } from './batch-shapes.ts'
import type { RestartLoad } from './load.ts'

export const restart: RestartLoad = {
  kind: 'restart',
  name: 'restart',
  summary:
    'kill -9 right after 10 GB over 1,000 partitions: spawn to the first acknowledged write and to the last record read',
  isLong: true,
  partitions: 1_000,
  batch: fullBatchOf(1024),
  producers: { connections: 4, inFlight: 5, partitionsPerRequest: 10 },
  preloadBytes: 10e9,
}
