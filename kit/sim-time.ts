import type { Clock } from './clock.ts'
import type { Cancel, Timers } from './timers.ts'

/** Time that moves only when a test says so: the same calls give the same run. */
export interface SimTime {
  readonly clock: Clock
  readonly timers: Timers
  /**
   * Moves time on by `durationMs`. Every timer that falls due on the way runs at its own instant,
   * in the order of the instants (of arming, where they are the same), and what it set in motion
   * has settled before the next one runs. Rejects with what a timer's action threw.
   */
  advance(durationMs: number): Promise<void>
  /** Lets everything run that waits for nothing but promises. Time stands still. */
  settle(): Promise<void>
  /** Moves the wall clock alone, as an operator or NTP does; `monotonicMs` and timers do not notice. */
  setWallClock(now: number): void
  /** Timers that are armed: a component that was stopped should have left none. */
  readonly pendingTimers: number
}

interface Armed {
  readonly dueMs: number
  readonly order: number
  readonly action: () => void
}

/** An instant that is easy to recognise in output: 2024-01-01T00:00:00Z. */
const DEFAULT_START = Date.UTC(2024, 0, 1)

export function createSimTime(startNow: number = DEFAULT_START): SimTime {
  const armed = new Set<Armed>()
  let monotonicMs = 0
  let wallOffsetMs = startNow
  let armedCount = 0

  const after = (delayMs: number, action: () => void): Cancel => {
    const timer = { dueMs: monotonicMs + Math.max(0, delayMs), order: armedCount++, action }
    armed.add(timer)
    return () => void armed.delete(timer)
  }

  const every = (periodMs: number, action: () => void): Cancel => {
    const arm = (): Cancel =>
      after(Math.max(1, periodMs), () => {
        cancel = arm()
        action()
      })
    let cancel = arm()
    return () => cancel()
  }

  const nextDue = (untilMs: number): Armed | undefined => {
    let next: Armed | undefined
    for (const timer of armed) {
      if (timer.dueMs <= untilMs && (!next || isBefore(timer, next))) next = timer
    }
    return next
  }

  return {
    clock: {
      now: () => wallOffsetMs + Math.floor(monotonicMs),
      monotonicMs: () => monotonicMs,
    },
    timers: { after, every },
    async advance(durationMs) {
      const untilMs = monotonicMs + durationMs
      await settle()
      for (let timer = nextDue(untilMs); timer; timer = nextDue(untilMs)) {
        armed.delete(timer)
        monotonicMs = Math.max(monotonicMs, timer.dueMs)
        timer.action()
        await settle()
      }
      monotonicMs = Math.max(monotonicMs, untilMs)
    },
    settle,
    setWallClock(now) {
      wallOffsetMs = now - Math.floor(monotonicMs)
    },
    get pendingTimers() {
      return armed.size
    },
  }
}

function isBefore(a: Armed, b: Armed): boolean {
  return a.dueMs === b.dueMs ? a.order < b.order : a.dueMs < b.dueMs
}

/** Node empties the whole queue of promise reactions before it turns to an immediate. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
