import type { PacedLoad } from './load.ts'

export const latency: PacedLoad = {
  kind: 'paced',
  name: 'latency',
  summary: '10,000 records/s of 100 B, ten a request, acks=all, 1 partition: sent until consumed',
  partitions: 1,
  batch: { recordBytes: 100, recordsPerBatch: 10 },
  requestsPerSecond: 1_000,
}
