const UNITS = ['', 'k', 'M', 'G', 'T', 'P', 'E'] as const
const SMALL_UNITS = ['', 'm', 'u', 'n'] as const

/** Round numbers that cover a range of values, about `wanted` of them. */
export function valueTicks(lowest: number, highest: number, wanted: number): number[] {
  const span = highest - lowest || Math.abs(highest) || 1
  const rough = span / wanted
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power
  const first = Math.floor(lowest / step)
  const last = Math.ceil(highest / step)
  // The sum of steps would show what fractions cannot hold.
  return Array.from({ length: last - first + 1 }, (_, at) =>
    Number(((first + at) * step).toPrecision(12)),
  )
}

/** At most five characters or so: `12.5k`. */
export function valueText(value: number): string {
  const size = Math.abs(value)
  if (size === 0) return '0'
  if (size >= 1e21 || size < 1e-9) return value.toExponential(1).replace('+', '')
  // Of what is shown, so that 999,999 is 1M and not 1000k.
  const power = Math.floor(Math.log10(Number(size.toPrecision(3))) / 3)
  const unit = power >= 0 ? UNITS[power] : SMALL_UNITS[-power]
  return `${Number((value / 1000 ** power).toPrecision(3))}${unit}`
}

const SECOND_MS = 1_000
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const TIME_STEPS_MS = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND_MS),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 6, 12, 24, 48, 168].map((hours) => hours * HOUR_MS),
]

/** Round times (UTC) within a range, at most `most` of them. */
export function timeTicks(startMs: number, endMs: number, most: number): number[] {
  const step =
    TIME_STEPS_MS.find((one) => (endMs - startMs) / one <= most) ??
    Math.ceil((endMs - startMs) / most)
  const ticks: number[] = []
  for (let at = Math.ceil(startMs / step) * step; at <= endMs; at += step) ticks.push(at)
  return ticks
}

/** `14:05`, with seconds where the ticks are closer than a minute; `03-21` at midnight. */
export function timeText(ms: number, stepMs: number): string {
  const iso = new Date(ms).toISOString()
  if (stepMs < MINUTE_MS) return iso.slice(11, 19)
  return ms % (24 * HOUR_MS) === 0 ? iso.slice(5, 10) : iso.slice(11, 16)
}
