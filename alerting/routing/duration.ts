const UNITS_MS: readonly (readonly [unit: string, ms: number])[] = [
  ['y', 365 * 86_400_000],
  ['w', 7 * 86_400_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
]
const DURATION =
  /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/

/** Milliseconds of a duration as Prometheus writes it (`1h30m`, `0`), or null. */
export function parseDuration(text: string): number | null {
  if (text === '0') return 0
  const parts = text === '' ? null : DURATION.exec(text)
  if (parts === null) return null
  const ms = UNITS_MS.reduce((sum, [, unitMs], at) => sum + Number(parts[at + 1] ?? 0) * unitMs, 0)
  return Number.isSafeInteger(ms) ? ms : null
}

/** The other way round, with the largest units that fit. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s'
  let left = ms
  let text = ''
  for (const [unit, unitMs] of UNITS_MS) {
    const count = Math.floor(left / unitMs)
    // Weeks and years only when nothing is left over, as Prometheus does.
    if (count === 0 || (unitMs > 86_400_000 && left % unitMs !== 0)) continue
    text += `${count}${unit}`
    left -= count * unitMs
  }
  return text
}
