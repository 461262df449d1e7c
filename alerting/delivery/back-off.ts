import type { Random } from '../../kit/index.ts'

const FIRST_DELAY_MS = 1_000
const LONGEST_DELAY_MS = 60_000
const LONGEST_ASKED_DELAY_MS = 10 * 60_000

/** How long to wait after that many failures in a row: doubled each time, up to a minute, a quarter more or less at random. */
export function backOffMs(failures: number, retryAfterMs: number | null, random: Random): number {
  const plainMs = Math.min(FIRST_DELAY_MS * 2 ** Math.min(failures - 1, 20), LONGEST_DELAY_MS)
  const spreadMs = Math.round(plainMs * 0.75 + random.below(Math.round(plainMs / 2) + 1))
  return Math.max(spreadMs, Math.min(retryAfterMs ?? 0, LONGEST_ASKED_DELAY_MS))
}
