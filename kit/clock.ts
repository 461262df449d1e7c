/** Time as the rest of the house sees it. Nothing outside kit/ reads the machine's clock. */
export interface Clock {
  /** Wall-clock time in milliseconds since the Unix epoch. May jump when the operator sets the clock. */
  now(): number
  /** Milliseconds since an arbitrary origin, never going back. For durations and deadlines. */
  monotonicMs(): number
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
}
