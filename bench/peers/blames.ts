/**
 * What the profile blames for a goal that is missed, by load; kept by hand and printed in RESULTS.md
 * beside the miss. An entry for a goal that is met is not printed, and may go.
 */
export const blames: Readonly<Record<string, string>> = {
  'produce-1k':
    "The broker's main thread, busy four fifths of the time: sending responses, CRC-32C in one stream, the copy into the arena. Every byte is also written twice, to the journal and to a segment.",
  'produce-100b':
    "The disk, shared by two streams: the journal's fdatasync, which acknowledgements wait for, waits behind those of segments. With segments written but never synced it is a fifth more, with none written half as much again. Smaller and larger syncs of segments only move the wait between median and tail; the main thread is busy half of the time.",
  'produce-100-partitions':
    'The disk, shared by two streams: each byte is written and synced in the journal, which acknowledgements wait for, and again in a segment. More than one thread waits in the fdatasync of segments all the time, until then appends wait for room. A larger window, more lanes, larger writes and rarer syncs of segments made no difference.',
  requests:
    'What 50 requests in flight wait for, half a millisecond: a write, an fdatasync, and waking the journal and the main thread, which idles a third of the time. With 200 in flight it is 128,000 a second.',
  'consume-10gb':
    'The disk: both brokers let the kernel read ahead, and both wait for it. Kafka saves a copy by sendfile, which Node does not offer.',
  latency:
    'p50 holds a write and an fdatasync, and two wake-ups between the main thread and those of the journal; Kafka answers from the page cache. p99.9 is one full garbage collection of the main thread in 5 to 10 s, whose helpers take the second core.',
  'many-partitions':
    "A file for each partition: some 15 KB are written to each once a second, and each is synced for a checkpoint. Most of the difference is the system's time in fdatasync, and waking threads and taking their answers one file at a time; a batch costs the broker itself little more.",
  neighbours:
    'In the pair that missed, something else ran on the machine for half a minute; the other pair was at 1.6. What remains is waiting for one of the two cores, which the reader, the generator and the broker share.',
  start:
    'Loading 600 modules, a third of it; filling and syncing the first journal files, another.',
  idle: 'The binary of Node itself, 57 MiB of it, and the two threads of the journal, 12 MiB each.',
}
