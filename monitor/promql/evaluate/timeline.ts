/** The moments that an expression is evaluated at: `count` of them from `startMs`, `stepMs` apart. */
export interface Timeline {
  readonly startMs: number
  readonly stepMs: number
  readonly count: number
}

export function instant(atMs: number): Timeline {
  return { startMs: atMs, stepMs: 1, count: 1 }
}

/** From `startMs` to `endMs`, which counts when a step falls on it. */
export function range(startMs: number, endMs: number, stepMs: number): Timeline {
  return { startMs, stepMs, count: Math.max(0, Math.floor((endMs - startMs) / stepMs) + 1) }
}

export function timeAt(timeline: Timeline, step: number): number {
  return timeline.startMs + step * timeline.stepMs
}

export function endOf(timeline: Timeline): number {
  return timeAt(timeline, timeline.count - 1)
}
