/** What a Metronome tells its thread: threads count `performance.now()` from their own beginning. */
export interface MetronomeSetup {
  readonly startEpochMs: number
  readonly intervalMs: number
}
