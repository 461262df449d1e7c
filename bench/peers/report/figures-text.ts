import type { Summary } from '../../measure/statistics.ts'
import { whole } from '../../report/figures.ts'

/** A figure with as many decimals as its size deserves. */
export function figureText(value: number): string {
  return Math.abs(value) < 100 ? value.toFixed(2) : whole(value)
}

/** Median with the range in brackets; `-` when there is none. */
export function summaryText(summary: Summary | null): string {
  if (!summary) return '-'
  const { median, min, max } = summary
  return `${figureText(median)} (${figureText(min)} to ${figureText(max)})`
}
