import type { ProduceLoad } from './load.ts'

export const requests: ProduceLoad = {
  kind: 'produce',
  name: 'requests',
  summary:
    'one record of 100 B a request (linger 0), acks=all, 10 producers, 50 in flight together',
  partitions: 10,
  batch: { recordBytes: 100, recordsPerBatch: 1 },
  producers: { connections: 10, inFlight: 5, partitionsPerRequest: 1 },
}
