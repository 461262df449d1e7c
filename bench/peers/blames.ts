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
  start: 'Loading modules, the HTTP admin API above all; nothing that waits for the disk.',
  idle: 'The binary of Node itself, 60 MiB of it, and the modules of the HTTP admin API.',
}
