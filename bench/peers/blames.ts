/**
 * What the profile blames for a goal that is missed, by load; kept by hand and printed in RESULTS.md
 * beside the miss. An entry for a goal that is met is not printed, and may go.
 */
export const blames: Readonly<Record<string, string>> = {
  'produce-1k':
    "Waiting: the broker's main thread idles half of the time (60 % at 365,000 records/s), and each request waits for a write and an fdatasync on a disk that takes every byte twice, for the journal and for a segment. With the client, seven threads want two cores: the journal's wait for one as long as they run. Writing each byte once, to its segment, would make each sync longer by what the second write costs now (NOTES.md, `node bench/disk/main.ts`).",
  'produce-100b':
    "The disk, shared by two streams: the journal's fdatasync, which acknowledgements wait for, waits behind those of segments. With segments written but never synced it is a fifth more, with none written half as much again. Smaller and larger syncs of segments only move the wait between median and tail; the main thread is busy half of the time.",
  'produce-100-partitions':
    'The disk, shared by two streams: each byte is written and synced in the journal, which acknowledgements wait for, and again in a segment. More than one thread waits in the fdatasync of segments all the time, until then appends wait for room. A larger window, more lanes, larger writes and rarer syncs of segments made no difference.',
  requests:
    'What 50 requests in flight wait for: an fdatasync of 0.1 ms, the one before it, and a core: the main thread runs for 0.65 of the time and is ready to for 0.8, beside the journal, the generator and helpers of the collector on two cores. With 200 in flight it is 128,000 a second.',
  'consume-start':
    'Only with the tool of Kafka, which reads a gibibyte in little more than a second, begun with a JVM that compiles meanwhile on the same two cores: 0.9 million records/s where the raw generator reads 7.0.',
  'consume-10gb':
    'The disk: both brokers let the kernel read ahead, and both wait for it. Kafka saves a copy by sendfile, which Node does not offer.',
  latency:
    'p50 holds a write and an fdatasync, 0.1 ms, and two wake-ups between the main thread and a thread of the journal, some 20 us; as much again is the generator being late. Kafka answers from the page cache. p99.9 is one full garbage collection of the main thread in 5 to 10 s, whose helpers take the second core.',
  'many-partitions':
    "Two thirds of the difference are the system's time on libuv's threads, more than half of that copying into the page cache, probably zeros for new files of a journal that grows from 5 to 26 in the first ten seconds. A third is the main thread: taking the answers of those threads one file at a time, and probably state of 10,000 partitions that the processor's cache does not hold. Without any writing of segments it was 1.03 us a record instead of 1.10.",
  start:
    'Loading 700 modules, a third of it; on empty data, filling and syncing the first journal files and starting the threads that write them, another.',
  idle: 'The binary of Node itself, 57 MiB of it, and the two threads of the journal, 12 MiB each.',
}
