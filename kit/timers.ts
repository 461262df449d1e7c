/** Takes back a timer that has not fired. Calling it twice, or after it fired, does nothing. */
export type Cancel = () => void

/** Timers as the rest of the house sees them, so that a test can run hours in a millisecond. */
export interface Timers {
  /** Runs `action` once, `delayMs` from now (at least 0). */
  after(delayMs: number, action: () => void): Cancel
  /** Runs `action` every `periodMs`, first after one period, until cancelled. */
  every(periodMs: number, action: () => void): Cancel
}

/** Longest delay that Node's timers take (2^31 - 1 ms); longer ones are made of several. */
const LONGEST_DELAY_MS = 0x7fff_ffff

export const systemTimers: Timers = {
  after(delayMs, action) {
    let handle: NodeJS.Timeout
    const arm = (leftMs: number): void => {
      const stepMs = Math.min(leftMs, LONGEST_DELAY_MS)
      handle = setTimeout(() => (leftMs > stepMs ? arm(leftMs - stepMs) : action()), stepMs)
    }
    arm(Math.max(0, delayMs))
    return () => clearTimeout(handle)
  },
  every(periodMs, action) {
    const handle = setInterval(action, Math.min(Math.max(1, periodMs), LONGEST_DELAY_MS))
    return () => clearInterval(handle)
  },
}
