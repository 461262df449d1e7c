/** A commit as the monitor saw it. */
export interface Commit {
  readonly offset: number
  readonly atMs: number
  /** Records behind when it was seen; null when the end was not known then. */
  readonly lag: number | null
}

/** Where a partition ended at a time. */
export interface LogEnd {
  readonly offset: number
  readonly atMs: number
}

/** What is known of one partition of one group. Commits and ends are in the order of their times. */
export interface PartitionWindow {
  readonly commits: readonly Commit[]
  readonly logEnds: readonly LogEnd[]
  /** Records behind now; null when it is not known. */
  readonly currentLag: number | null
}

/** Burrow's names. A group that nobody knows is NOTFOUND; ERR is what Burrow says of a group with STOP, STALL or REWIND. */
export type PartitionStatus = 'OK' | 'WARN' | 'STOP' | 'STALL' | 'REWIND'
export type GroupStatus = 'NOTFOUND' | 'OK' | 'WARN' | 'ERR'

export interface LagRules {
  /** So many commits make a window; the oldest goes. */
  readonly commitsKept: number
  /** Share of a window below which nothing is said. */
  readonly minCompleteRatio: number
  /** Records that a consumer may be behind and count as caught up. */
  readonly allowedLag: number
  /** A consumer that committed within this time has not stopped, however close its commits were before. */
  readonly minSilenceMs: number
}

export const DEFAULT_LAG_RULES: LagRules = {
  commitsKept: 10,
  minCompleteRatio: 0,
  allowedLag: 0,
  minSilenceMs: 20_000,
}

/**
 * How a consumer does on one partition, by Burrow's rules in Burrow's order (`core/internal/evaluator/caching.go`):
 * the first that applies decides. One is milder than Burrow's: with a single commit its window is no time
 * at all, and every consumer that has just begun would count as stopped; so it takes `minSilenceMs` too.
 */
export function partitionStatus(
  { commits, logEnds, currentLag }: PartitionWindow,
  nowMs: number,
  rules: LagRules = DEFAULT_LAG_RULES,
): PartitionStatus {
  const first = commits[0]
  const last = commits.at(-1)
  if (first === undefined || last === undefined) return 'OK'
  if (commits.length / rules.commitsKept < rules.minCompleteRatio) return 'OK'
  if (currentLag === null || currentLag <= rules.allowedLag) return 'OK'
  const silenceMs = nowMs - last.atMs
  const wasCaughtUp = logEnds.some(({ offset }) => offset <= last.offset)
  if (silenceMs > Math.max(last.atMs - first.atMs, rules.minSilenceMs) && !wasCaughtUp)
    return 'STOP'
  if (isRewound(commits)) return 'REWIND'
  if (commits.some(({ lag }) => lag !== null && lag <= rules.allowedLag)) return 'OK'
  if (commits.every(({ offset }) => offset === first.offset)) return 'STALL'
  return lagNeverFell(commits) ? 'WARN' : 'OK'
}

const SEVERITY: Readonly<Record<PartitionStatus, number>> = {
  OK: 0,
  WARN: 1,
  STOP: 2,
  STALL: 3,
  REWIND: 4,
}

/** The worst of them, by Burrow's codes. */
export function worstStatus(statuses: Iterable<PartitionStatus>): PartitionStatus {
  let worst: PartitionStatus = 'OK'
  for (const status of statuses) if (SEVERITY[status] > SEVERITY[worst]) worst = status
  return worst
}

/** A group's status as Burrow tells it. */
export function groupStatus(worst: PartitionStatus): GroupStatus {
  return worst === 'OK' || worst === 'WARN' ? worst : 'ERR'
}

/** The first commit that is lower than the one before it, unless a later one gets there again. */
function isRewound(commits: readonly Commit[]): boolean {
  for (let at = 1; at < commits.length; at++) {
    const before = commits[at - 1]?.offset ?? 0
    if ((commits[at]?.offset ?? 0) < before)
      return !commits.slice(at + 1).some(({ offset }) => offset >= before)
  }
  return false
}

/** With a single lag known, it has not fallen either. */
function lagNeverFell(commits: readonly Commit[]): boolean {
  const known = commits.map(({ lag }) => lag).filter((lag) => lag !== null)
  return known.every((lag, at) => at === 0 || lag >= (known[at - 1] ?? 0))
}
