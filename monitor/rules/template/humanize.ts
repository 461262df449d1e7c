import { general } from './values.ts'

const LARGE = ['', 'k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y']
const SMALL = ['', 'm', 'u', 'n', 'p', 'f', 'a', 'z', 'y']
const BINARY = ['', 'ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei', 'Zi', 'Yi']
const DIGITS = 4

/** With metric prefixes: 1234567 is `1.235M`. */
export function humanize(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return general(value, DIGITS)
  return Math.abs(value) >= 1 ? scaled(value, 1000, LARGE) : small(value)
}

/** With binary prefixes: 2048 is `2ki`. */
export function humanize1024(value: number): string {
  if (Math.abs(value) <= 1 || !Number.isFinite(value)) return general(value, DIGITS)
  return scaled(value, 1024, BINARY)
}

/** Of a number of seconds: `1d 2h 3m 4s`, or `12.5ms`. */
export function humanizeDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return general(seconds, DIGITS)
  if (seconds === 0) return '0s'
  if (Math.abs(seconds) < 1) return `${small(seconds)}s`
  const sign = seconds < 0 ? '-' : ''
  const whole = Math.floor(Math.abs(seconds))
  const [days, hours, minutes, rest] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3_600) % 24,
    Math.floor(whole / 60) % 60,
    whole % 60,
  ]
  if (days > 0) return `${sign}${days}d ${hours}h ${minutes}m ${rest}s`
  if (hours > 0) return `${sign}${hours}h ${minutes}m ${rest}s`
  if (minutes > 0) return `${sign}${minutes}m ${rest}s`
  return `${sign}${general(Math.abs(seconds), DIGITS)}s`
}

export function humanizePercentage(ratio: number): string {
  return `${general(ratio * 100, DIGITS)}%`
}

/** Of Unix time in seconds, in UTC, as Go prints a time. */
export function humanizeTimestamp(seconds: number): string {
  if (!Number.isFinite(seconds)) return general(seconds, DIGITS)
  const iso = new Date(Math.round(seconds * 1000)).toISOString()
  return `${iso.slice(0, 10)} ${iso.slice(11, 23).replace(/\.?0+$/, '')} +0000 UTC`
}

/** Of a number of seconds, as Go prints a duration: `1h2m3.5s`. */
export function goDuration(seconds: number): string {
  if (seconds === 0) return '0s'
  const sign = seconds < 0 ? '-' : ''
  const left = Math.abs(seconds)
  if (left < 1) return `${sign}${left * 1000}ms`
  const hours = Math.floor(left / 3_600)
  const minutes = Math.floor(left / 60) % 60
  const rest = Number((left % 60).toFixed(9))
  if (hours > 0) return `${sign}${hours}h${minutes}m${rest}s`
  return minutes > 0 ? `${sign}${minutes}m${rest}s` : `${sign}${rest}s`
}

function scaled(value: number, base: number, prefixes: readonly string[]): string {
  let left = value
  let at = 0
  while (Math.abs(left) >= base && at < prefixes.length - 1) {
    left /= base
    at++
  }
  return `${general(left, DIGITS)}${prefixes[at]}`
}

function small(value: number): string {
  let left = value
  let at = 0
  while (Math.abs(left) < 1 && at < SMALL.length - 1) {
    left *= 1000
    at++
  }
  return `${general(left, DIGITS)}${SMALL[at]}`
}
