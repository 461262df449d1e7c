import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { ClientKind, Comparison } from './comparison.ts'
import { judge } from './judgement.ts'

/** Medians of one load's comparison, kept when the pairs themselves are gone. */
export interface EarlierRun {
  readonly load: string
  readonly client: ClientKind
  /** When its first pair began; tells runs of a load apart. RFC 3339. */
  readonly at: string
  readonly glasslogVersion: string
  readonly machine: string
  readonly pairs: number
  readonly figures: readonly EarlierFigure[]
}

export interface EarlierFigure {
  readonly figure: string
  readonly glasslog: number
  readonly kafka: number | null
  readonly ratio: number | null
}

const KEPT_PER_LOAD = 5

/** The runs with these comparisons among them: newest first, only the last few of each load. */
export function withRuns(
  runs: readonly EarlierRun[],
  comparisons: readonly Comparison[],
): readonly EarlierRun[] {
  const added = comparisons.filter(({ pairs }) => pairs.length > 0).map(runOf)
  const isAdded = (run: EarlierRun): boolean => added.some((one) => isSame(one, run))
  const all = [...added, ...runs.filter((run) => !isAdded(run))]
  all.sort((a, b) => (a.at < b.at ? 1 : -1))
  return all.filter((run, i) => {
    const newer = all.slice(0, i).filter((one) => isOfSameLoad(one, run))
    return newer.length < KEPT_PER_LOAD
  })
}

/** The run before this comparison, newest first. */
export function runsBefore(
  runs: readonly EarlierRun[],
  comparison: Comparison,
): readonly EarlierRun[] {
  const current = runOf(comparison)
  return runs.filter((run) => isOfSameLoad(run, current) && run.at < current.at)
}

export function readEarlierRuns(path: string): readonly EarlierRun[] {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as EarlierRun[]) : []
}

export function writeEarlierRuns(path: string, runs: readonly EarlierRun[]): void {
  writeFileSync(path, `${JSON.stringify(runs, null, 2)}\n`)
}

function runOf(comparison: Comparison): EarlierRun {
  const { name, conditions, pairs } = comparison
  return {
    load: name,
    client: conditions.client,
    at: pairs[0]?.at ?? '',
    glasslogVersion: conditions.glasslogVersion,
    machine: conditions.machine,
    pairs: pairs.length,
    figures: judge(comparison)
      .filter((one, i, all) => all.findIndex((o) => o.goal.figure === one.goal.figure) === i)
      .map(({ goal, glasslog, kafka, ratio }) => ({
        figure: goal.figure,
        glasslog: rounded(glasslog.median),
        kafka: kafka ? rounded(kafka.median) : null,
        ratio: ratio ? rounded(ratio.median) : null,
      })),
  }
}

/** Six digits say more than any run knows, and fewer characters change. */
function rounded(value: number): number {
  return Number(value.toPrecision(6))
}

function isOfSameLoad(a: EarlierRun, b: EarlierRun): boolean {
  return a.load === b.load && a.client === b.client
}

function isSame(a: EarlierRun, b: EarlierRun): boolean {
  return isOfSameLoad(a, b) && a.at === b.at
}
