import type { Direction, Found, PartitionScan } from './partition-scan.ts'
import type { ScanBudget } from './scan-budget.ts'

/** A match with the number of its partition. */
export interface Match<Shown> extends Found<Shown> {
  readonly partition: number
}

export interface MergeOptions<Shown> {
  readonly scans: readonly PartitionScan<Shown>[]
  readonly direction: Direction
  readonly limit: number
  /** No more matches are taken once those taken have so many bytes. */
  readonly maxShownBytes: number
  readonly sizeOf: (shown: Shown) => number
  readonly budget: ScanBudget
}

/**
 * The next matches of several partitions, by time: of the partitions' next ones always the oldest
 * (forward) or the newest (backward). Within a partition the order of offsets holds. Ends early when
 * the budget is spent, and lets others run in between.
 */
export async function mergeScans<Shown>(options: MergeOptions<Shown>): Promise<Match<Shown>[]> {
  const { scans, limit, maxShownBytes, sizeOf } = options
  const taken: Match<Shown>[] = []
  let shownBytes = 0
  while (taken.length < limit && shownBytes < maxShownBytes) {
    await findHeads(options)
    const scan = nextOf(scans, options.direction)
    const found = scan?.take()
    if (!scan || !found) break
    shownBytes += sizeOf(found.shown)
    taken.push({ ...found, partition: scan.log.partition })
  }
  return taken
}

/** Looks on in every partition whose next match is not known. */
async function findHeads<Shown>({ scans, budget }: MergeOptions<Shown>): Promise<void> {
  for (;;) {
    const searching = scans.filter((scan) => !scan.head && !scan.isAtEnd)
    if (searching.length === 0) return
    for (const scan of searching) {
      if (budget.isSpent) return
      await scan.advance()
      await letOthersRun()
    }
  }
}

function nextOf<Shown>(
  scans: readonly PartitionScan<Shown>[],
  direction: Direction,
): PartitionScan<Shown> | undefined {
  const sign = direction === 'forward' ? 1 : -1
  let best: PartitionScan<Shown> | undefined
  for (const scan of scans) {
    if (!scan.head) continue
    if (!best?.head || (scan.head.timestampMs - best.head.timestampMs) * sign < 0) best = scan
  }
  return best
}

/** Reads from memory do not wait for anything: without this a scan would keep everybody waiting. */
function letOthersRun(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
