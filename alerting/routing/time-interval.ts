/** Both ends belong to it, but for times of day, where the end does not. */
export interface Range {
  readonly from: number
  readonly to: number
}

/**
 * A part of time that comes again, as Alertmanager's `time_intervals` describe it: it contains an
 * instant when each of its lists that is not null does.
 */
export interface TimeInterval {
  /** Minutes of the day, 0 to 1440. */
  readonly times: readonly Range[] | null
  /** 0 is Sunday. */
  readonly weekdays: readonly Range[] | null
  /** 1 to 31, or -1 (the last) to -31. */
  readonly daysOfMonth: readonly Range[] | null
  /** 1 is January. */
  readonly months: readonly Range[] | null
  readonly years: readonly Range[] | null
  /** IANA name of a time zone. */
  readonly location: string
}

export function containsTime(interval: TimeInterval, atMs: number): boolean {
  const at = localTime(atMs, interval.location)
  return (
    isIn(interval.times, (range) => at.minute >= range.from && at.minute < range.to) &&
    isIn(interval.daysOfMonth, (range) => containsDay(range, at.day, at.daysInMonth)) &&
    isIn(interval.months, (range) => at.month >= range.from && at.month <= range.to) &&
    isIn(interval.weekdays, (range) => at.weekday >= range.from && at.weekday <= range.to) &&
    isIn(interval.years, (range) => at.year >= range.from && at.year <= range.to)
  )
}

function isIn(ranges: readonly Range[] | null, contains: (range: Range) => boolean): boolean {
  return ranges?.some(contains) ?? true
}

/** Days counted from the end become days of this month; a range that begins after its end is none of it. */
function containsDay({ from, to }: Range, day: number, daysInMonth: number): boolean {
  const begin = from < 0 ? daysInMonth + from + 1 : from
  const end = to < 0 ? daysInMonth + to + 1 : to
  return begin <= daysInMonth && day >= begin && day <= Math.min(end, daysInMonth)
}

interface LocalTime {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly weekday: number
  readonly minute: number
  readonly daysInMonth: number
}

/** Formats are dear to make and are asked for at each look at a group. */
const formats = new Map<string, Intl.DateTimeFormat>()

function localTime(atMs: number, location: string): LocalTime {
  const parts = new Map(
    formatFor(location)
      .formatToParts(atMs)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0
  const year = part('year')
  const month = part('month')
  const day = part('day')
  return {
    year,
    month,
    day,
    weekday: new Date(Date.UTC(year, month - 1, day)).getUTCDay(),
    minute: part('hour') * 60 + part('minute'),
    daysInMonth: new Date(Date.UTC(year, month, 0)).getUTCDate(),
  }
}

function formatFor(location: string): Intl.DateTimeFormat {
  const known = formats.get(location)
  if (known) return known
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: location,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  })
  formats.set(location, format)
  return format
}

/** Whether this machine knows a time zone of that name. */
export function isLocation(name: string): boolean {
  try {
    formatFor(name)
    return true
  } catch {
    return false
  }
}
