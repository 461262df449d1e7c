import type { Summary } from '../../measure/statistics.ts'
import { renderMarkdown } from '../../report/table.ts'
import type { Comparison } from '../comparison.ts'
import type { EarlierRun } from '../earlier-runs.ts'
import { runsBefore } from '../earlier-runs.ts'
import type { Judgement } from '../judgement.ts'
import { judge } from '../judgement.ts'
import { figureText } from './figures-text.ts'

const HEAD = ['load', 'figure', 'spread', 'now', 'earlier runs: date, revision, figure, change']

/** How far runs differ among themselves, and from what was measured on earlier days. */
export function renderNoise(
  comparisons: readonly Comparison[],
  earlier: readonly EarlierRun[],
): readonly string[] {
  return [
    'The spread is from the lowest to the highest of the pairs, in percent of their median: two runs',
    'that differ by less may be the same. Earlier runs were made at other revisions, so what differs',
    'by more is a change of the broker, of the machine or of its load.',
    '',
    renderMarkdown({
      head: HEAD,
      rows: comparisons.flatMap((comparison) => {
        const before = runsBefore(earlier, comparison)
        return judge(comparison).map((judgement) => noiseRow(comparison, judgement, before))
      }),
    }),
  ]
}

function noiseRow(
  { name }: Comparison,
  { goal, glasslog, ratio }: Judgement,
  before: readonly EarlierRun[],
): readonly string[] {
  const isRatio = goal.judged === 'ratio' && ratio !== null
  const now = isRatio ? ratio : glasslog
  const earlier = before.flatMap((run) => {
    const figure = run.figures.find((one) => one.figure === goal.figure)
    const value = isRatio ? figure?.ratio : figure?.glasslog
    if (value === null || value === undefined) return []
    const change = ((now.median - value) / value) * 100
    return [
      `${run.at.slice(0, 10)} ${run.glasslogVersion}: ${figureText(value)}, ${signed(change)}`,
    ]
  })
  return [
    name,
    isRatio ? `${goal.figure}, ratio` : goal.figure,
    `${spreadPercent(now).toFixed(0)} %`,
    figureText(now.median),
    earlier.length === 0 ? 'none' : earlier.join('; '),
  ]
}

function spreadPercent({ median, min, max }: Summary): number {
  return ((max - min) / median) * 100
}

function signed(percent: number): string {
  return `${percent < 0 ? '' : '+'}${percent.toFixed(0)} %`
}
