import type { Range, TimeInterval } from '../routing/time-interval.ts'
import { isLocation } from '../routing/time-interval.ts'
import type { MapReader } from './yaml-reader.ts'
import { shown } from './yaml-reader.ts'

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
]

/** One element of `time_intervals[].time_intervals`. */
export function readTimeInterval(map: MapReader): TimeInterval {
  const location = map.text('location') ?? 'UTC'
  if (!isLocation(location)) map.fault('location', `unknown time zone ${shown(location)}`)
  return {
    times: map.has('times') ? map.maps('times', readTimes) : null,
    weekdays: ranges(map, 'weekdays', (text) => nameOrNumber(text, WEEKDAYS, 0), [0, 6]),
    daysOfMonth: ranges(map, 'days_of_month', wholeNumber, [-31, 31]),
    months: ranges(map, 'months', (text) => nameOrNumber(text, MONTHS, 1), [1, 12]),
    years: ranges(map, 'years', wholeNumber, [0, 9999]),
    location: isLocation(location) ? location : 'UTC',
  }
}

function readTimes(map: MapReader): Range | null {
  const from = minuteOfDay(map, 'start_time')
  const to = minuteOfDay(map, 'end_time')
  if (from === null || to === null) return null
  if (from >= to) map.fault('end_time', 'must be after start_time')
  return { from, to }
}

function minuteOfDay(map: MapReader, name: string): number | null {
  const text = map.requiredText(name)
  if (text === '') return null
  const [, hours, minutes] = /^([01]\d|2[0-4]):([0-5]\d)$/.exec(text) ?? []
  const minute = Number(hours) * 60 + Number(minutes)
  if (minute <= 1440) return minute
  map.fault(name, `not a time of day such as 09:30: ${shown(text)}`)
  return null
}

/** `a`, or `a:b`, both of which belong to it. */
function ranges(
  map: MapReader,
  name: string,
  parse: (text: string) => number | null,
  [min, max]: readonly [number, number],
): readonly Range[] | null {
  if (!map.has(name)) return null
  return map.texts(name).flatMap((text) => {
    const [first = '', second = first, ...others] = text.split(':')
    const from = parse(first.trim().toLowerCase())
    const to = parse(second.trim().toLowerCase())
    const isKnown = from !== null && to !== null && others.length === 0
    if (isKnown && from >= min && to <= max && !isBackwards(from, to) && !isDayZero(name, from, to))
      return [{ from, to }]
    map.fault(name, `not a range of ${name.replaceAll('_', ' ')}: ${shown(text)}`)
    return []
  })
}

/** A day counted from the end may come after one counted from the start. */
function isBackwards(from: number, to: number): boolean {
  return Math.sign(from) * Math.sign(to) < 0 ? from < 0 : from > to
}

function isDayZero(name: string, from: number, to: number): boolean {
  return name === 'days_of_month' && (from === 0 || to === 0)
}

function wholeNumber(text: string): number | null {
  return /^-?\d{1,4}$/.test(text) ? Number(text) : null
}

function nameOrNumber(text: string, names: readonly string[], first: number): number | null {
  const at = names.indexOf(text)
  if (at >= 0) return at + first
  // Alertmanager takes numbers for months, not for days of the week.
  return first === 1 ? wholeNumber(text) : null
}
