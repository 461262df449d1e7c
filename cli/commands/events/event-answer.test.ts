import { expect, it } from 'vitest'
import { CommandFailure } from '../../exit-codes.ts'
import { eventPageOf, parseEvent, parseGap } from './event-answer.ts'

const EVENT = {
  ...{ id: 1, at: '2026-01-01T00:00:00.000Z', kind: 'broker-started', severity: 'info' },
  ...{ resource: { kind: 'broker', name: '' }, explanation: 'It started.', count: 1 },
}

it('takes events, gaps and pages as the broker sends them', () => {
  expect(parseEvent(JSON.stringify(EVENT))).toEqual(EVENT)
  expect(parseGap('{"from":3,"to":7}')).toEqual({ from: 3, to: 7 })
  const page = { events: [EVENT], next: null }
  expect(eventPageOf(page)).toEqual(page)
})

it.each([
  '',
  '<!doctype html>',
  'null',
  '[]',
  '{}',
  '7',
  JSON.stringify({ ...EVENT, resource: 'broker' }),
  JSON.stringify({ ...EVENT, severity: undefined }),
  JSON.stringify({ ...EVENT, count: '1' }),
])('says of %j that it is none', (data) => {
  for (const parse of [parseEvent, parseGap]) expect(() => parse(data)).toThrow(CommandFailure)
})

it.each([
  null,
  'page',
  {},
  { events: {}, next: null },
  { events: [EVENT] },
  { events: [{}], next: null },
])('says of %j that it is no page', (answer) => {
  expect(() => eventPageOf(answer)).toThrow('what answers sends no events')
})
