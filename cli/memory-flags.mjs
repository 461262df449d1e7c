/**
 * How V8 is to use memory in a process of this subcommand: flags of the process, because they count only from
 * its start.
 *
 * The broker's requests are over in a millisecond, but a young generation of the size that V8 begins with is
 * collected while they are on their way, so some of them grow old, until a full collection holds the clients up.
 * With 8 MiB fewer do (bench/NOTES.md), for a mebibyte more while idle.
 *
 * The monitor makes much that is soon forgotten, in bursts: scrapes, evaluations, ten thousand alerts.
 * With the default young generation it keeps a hundred megabytes for that until the next time. What it keeps for
 * hours, the series, grows slowly: a heap that may be a fifth larger than what is in use is large enough, and takes
 * another hundred megabytes less with 10,000 partitions, for half a hundredth of a core.
 *
 * @param {string | undefined} subcommand
 * @returns {readonly string[]}
 */
export function memoryFlags(subcommand) {
  if (subcommand === 'broker') return ['--min-semi-space-size=8']
  if (subcommand === 'monitor') return ['--max-semi-space-size=4', '--heap-growing-percent=20']
  return []
}
