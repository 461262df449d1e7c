import type { ManyPartitionsLoad } from './load.ts'

export const manyPartitions: ManyPartitionsLoad = {
  kind: 'many-partitions',
  name: 'many-partitions',
  summary:
    'CPU per record with 10,000 partitions and with 10, whose files are there: requests of 10 batches of 10 records of 100 B, acks=all, 4 producers',
  isLong: true,
  fewPartitions: 10,
  partitions: 10_000,
  batch: { recordBytes: 100, recordsPerBatch: 10 },
  producers: { connections: 4, inFlight: 5, partitionsPerRequest: 10 },
}
