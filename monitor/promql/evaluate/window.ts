import type { Samples } from '../model/series.ts'

/** The samples of one series that a range function looks at for one step: those after `startMs` up to `endMs`. */
export interface Window {
  readonly times: Float64Array
  readonly values: Float64Array
  /** First sample inside, and the one after the last. */
  from: number
  to: number
  /** Bounds of the range; the left one is open, the right one closed. */
  startMs: number
  endMs: number
  readonly rangeMs: number
  /** When the expression is evaluated, which is not where the range ends when there is an offset. */
  evaluatedMs: number
  /** Whether any value of the series is lower than the one before: most counters never reset while one looks. */
  readonly falls: boolean
}

export function windowOver(samples: Samples, rangeMs: number): Window {
  return {
    times: samples.times,
    values: samples.values,
    from: 0,
    to: 0,
    startMs: 0,
    endMs: 0,
    rangeMs,
    evaluatedMs: 0,
    falls: everFalls(samples),
  }
}

/** Moves the window's end to `endMs`; ends that come in order cost one pass over the samples. */
export function slide(window: Window, length: number, endMs: number): void {
  const startMs = endMs - window.rangeMs
  if (endMs < window.endMs) {
    window.from = 0
    window.to = 0
  }
  let { from, to } = window
  while (to < length && (window.times[to] as number) <= endMs) to++
  while (from < to && (window.times[from] as number) <= startMs) from++
  window.from = from
  window.to = to
  window.startMs = startMs
  window.endMs = endMs
}

function everFalls(samples: Samples): boolean {
  for (let at = 1; at < samples.length; at++) {
    if ((samples.values[at] as number) < (samples.values[at - 1] as number)) return true
  }
  return false
}
