import type { Summary } from '../measure/statistics.ts'
import { pairRatios, summarize } from '../measure/statistics.ts'
import type { Comparison } from './comparison.ts'
import type { Goal } from './goals.ts'
import { goals, isMet } from './goals.ts'

/** What the pairs of one load say about one goal. */
export interface Judgement {
  readonly goal: Goal
  readonly glasslog: Summary
  /** Null where there is no peer. */
  readonly kafka: Summary | null
  /** Of the ratios within the pairs, Glasslog : Apache Kafka. */
  readonly ratio: Summary | null
  readonly isMet: boolean
}

/** Judges a comparison by every goal whose figure all of its runs have. */
export function judge({ name, pairs }: Comparison): readonly Judgement[] {
  return goals
    .filter((goal) => goal.load === name)
    .map((goal) => judgeBy(goal, pairs))
    .filter((judgement) => judgement !== null)
}

function judgeBy(goal: Goal, pairs: Comparison['pairs']): Judgement | null {
  const ours = pairs.map(({ glasslog }) => goal.of(glasslog)).filter(isFigure)
  if (ours.length === 0 || ours.length < pairs.length) return null
  const theirs = pairs.map(({ kafka }) => (kafka ? goal.of(kafka) : null)).filter(isFigure)
  const kafka = theirs.length === pairs.length ? summarize(theirs) : null
  const glasslog = summarize(ours)
  // A tool that rounds to whole milliseconds may answer 0, and memory may shrink: no ratio then.
  const ratio =
    kafka && kafka.min > 0 && glasslog.min > 0
      ? pairRatios(ours.map((our, i) => ({ ours: our, theirs: theirs[i] ?? Number.NaN })))
      : null
  const judged = goal.judged === 'own' ? glasslog : ratio
  return judged ? { goal, glasslog, kafka, ratio, isMet: isMet(goal, judged.median) } : null
}

function isFigure(value: number | null): value is number {
  return value !== null
}
