import { describe, expect, it } from 'vitest'
import { parseAlertingConfig } from '../config/parse-config.ts'
import { containsTime } from './time-interval.ts'

function intervals(yaml: string) {
  const config = parseAlertingConfig(`
route: { receiver: r }
receivers: [{ name: r }]
time_intervals: [{ name: t, time_intervals: [${yaml}] }]`)
  return config.timeIntervals.get('t') ?? []
}

describe('time intervals', () => {
  it.each([
    ['{}', '2026-01-01T00:00:00Z', true],
    ["{ times: [{ start_time: '09:00', end_time: '17:00' }] }", '2026-01-01T09:00:00Z', true],
    ["{ times: [{ start_time: '09:00', end_time: '17:00' }] }", '2026-01-01T17:00:00Z', false],
    ["{ times: [{ start_time: '17:00', end_time: '24:00' }] }", '2026-01-01T23:59:59Z', true],
    ["{ weekdays: ['monday:friday'] }", '2026-01-02T12:00:00Z', true],
    ["{ weekdays: ['monday:friday', sunday] }", '2026-01-03T12:00:00Z', false],
    ["{ days_of_month: ['-1'] }", '2026-02-28T12:00:00Z', true],
    ["{ days_of_month: ['-1'] }", '2028-02-28T12:00:00Z', false],
    ["{ days_of_month: ['1:5', '-3:-1'] }", '2026-01-29T12:00:00Z', true],
    ["{ days_of_month: ['31'] }", '2026-02-28T12:00:00Z', false],
    ["{ days_of_month: ['25:-1'] }", '2026-02-25T12:00:00Z', true],
    ["{ months: ['november:december', 1] }", '2026-01-15T12:00:00Z', true],
    ["{ years: ['2020:2025'] }", '2026-01-15T12:00:00Z', false],
    // Midnight in Sydney is the afternoon before in London.
    ["{ weekdays: [friday], location: 'Australia/Sydney' }", '2026-01-01T14:00:00Z', true],
    [
      "{ times: [{ start_time: '02:00', end_time: '03:00' }], location: 'Europe/Berlin' }",
      '2026-07-01T00:30:00Z',
      true,
    ],
  ] as const)('%s contains %s: %s', (yaml, at, expected) => {
    expect(intervals(yaml).some((one) => containsTime(one, Date.parse(at)))).toBe(expected)
  })

  it.each([
    "{ times: [{ start_time: '9:00', end_time: '17:00' }] }",
    "{ times: [{ start_time: '17:00', end_time: '09:00' }] }",
    "{ times: [{ start_time: '17:00', end_time: '24:01' }] }",
    '{ weekdays: [noday] }',
    "{ weekdays: ['friday:monday'] }",
    "{ days_of_month: ['0'] }",
    "{ days_of_month: ['-1:5'] }",
    "{ months: ['13'] }",
    "{ location: 'Mars/Base' }",
  ])('refuses %s', (yaml) => {
    expect(() => intervals(yaml)).toThrow(/^4:/)
  })
})
