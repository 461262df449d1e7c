import { fullBatchOf } from './batch-shapes.ts'
import type { NeighboursLoad } from './load.ts'

export const neighbours: NeighboursLoad = {
  kind: 'neighbours',
  name: 'neighbours',
  summary:
    'acknowledgements of 10,000 records/s of 100 B: alone, beside a reader that takes 1 KB/s, beside one 10 GB behind',
  isLong: true,
  partitions: 10,
  batch: { recordBytes: 100, recordsPerBatch: 10 },
  requestsPerSecond: 1_000,
  slowReaderBytesPerSecond: 1_024,
  behind: {
    name: 'behind',
    summary: '',
    partitions: 4,
    batch: fullBatchOf(1024),
    producers: { connections: 4, inFlight: 5, partitionsPerRequest: 1 },
    preloadBytes: 10e9,
  },
}
