import { renderMarkdown } from '../../report/table.ts'
import { blames } from '../blames.ts'
import type { Comparison } from '../comparison.ts'
import { goals, goalText } from '../goals.ts'
import { judge } from '../judgement.ts'
import { summaryText } from './figures-text.ts'

/** Every goal, met or missed or not measured, and what the profile blames for those that are missed. */
export function renderGoals(comparisons: readonly Comparison[]): readonly string[] {
  return [
    renderMarkdown({
      head: ['load', 'figure', 'pairs', 'Glasslog', 'Apache Kafka', 'ratio', 'goal', ''],
      rows: comparisons.flatMap(goalRows),
    }),
    ...comparisons.flatMap(renderBlame),
  ]
}

function goalRows(comparison: Comparison): readonly (readonly string[])[] {
  return judge(comparison).map(({ goal, glasslog, kafka, ratio, isMet }) => [
    comparison.name,
    goal.figure,
    String(comparison.pairs.length),
    summaryText(glasslog),
    summaryText(kafka),
    summaryText(ratio),
    goalText(goal),
    isMet ? 'met' : '**missed**',
  ])
}

function renderBlame(comparison: Comparison): readonly string[] {
  const missed = judge(comparison).filter(({ isMet }) => !isMet)
  if (missed.length === 0) return []
  const figures = missed.map(({ goal }) => goal.figure).join(', ')
  const blame = blames[comparison.name] ?? 'nothing has been found yet that explains it.'
  return ['', `**${comparison.name}** misses ${figures}: ${blame}`]
}

/** Loads that have a goal and no figures: said plainly, because a missing row looks like nothing. */
export function renderNotMeasured(comparisons: readonly Comparison[]): readonly string[] {
  const measured = new Set(comparisons.map(({ name }) => name))
  const missing = [...new Set(goals.map(({ load }) => load))].filter((name) => !measured.has(name))
  return missing.length === 0 ? [] : ['', `**Not measured**: ${missing.join(', ')}.`]
}
