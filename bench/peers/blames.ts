/**
 * What the profile blames for a goal that is missed, by load; kept by hand and printed in RESULTS.md
 * beside the miss. An entry for a goal that is met is not printed, and may go.
 */
export const blames: Readonly<Record<string, string>> = {
  'produce-1k':
    "The broker's main thread, busy four fifths of the time: sending responses, CRC-32C in one stream, the copy into the arena. Every byte is also written twice, to the journal and to a segment.",
  'produce-100b': "The broker's main thread, as in produce-1k.",
  'produce-100-partitions':
    'Writing each byte twice: the hot window fills within half a second, and appends then wait for segments.',
  latency:
    'p50 holds a write and an fdatasync, and two wake-ups between the main thread and those of the journal; Kafka answers from the page cache.',
  'many-partitions':
    'Not profiled yet. Each record of 10,000 partitions comes in a batch of its own to write to a segment of its own, and the flusher writes many small pieces.',
  neighbours:
    'Not profiled yet. A reader far behind reads as fast as the two cores let it, on the same event loop that answers the producers; it has no share of its own.',
  start: 'Loading modules, the HTTP admin API above all; nothing that waits for the disk.',
  idle: 'The binary of Node itself, 60 MiB of it, and the modules of the HTTP admin API.',
}
