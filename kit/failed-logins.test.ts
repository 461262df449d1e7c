import { expect, it } from 'vitest'
import { FailedLogins } from './failed-logins.ts'
import { createSimTime } from './testing.ts'

function failed(times: number, addressOf: (time: number) => string): FailedLogins {
  const logins = new FailedLogins(createSimTime().clock)
  for (let time = 0; time < times; time++) logins.note(addressOf(time))
  return logins
}

it('counts every address of one /64 network as one', () => {
  const logins = failed(30, (time) => `2001:db8:1:2:${time.toString(16)}::1`)
  expect(logins.isBlocked('2001:db8:1:2:ffff::1')).toBe(true)
  expect(logins.isBlocked('2001:db8:1:3::1')).toBe(false)
})

it('counts an IPv4 address for itself, however it came in', () => {
  const logins = failed(30, (time) => (time % 2 ? '::ffff:192.0.2.1' : '192.0.2.1'))
  expect(logins.isBlocked('192.0.2.1')).toBe(true)
  expect(logins.isBlocked('::ffff:c000:201')).toBe(true)
  expect(logins.isBlocked('192.0.2.2')).toBe(false)
})

it('takes back what turned out to be good, and forgets after a minute', async () => {
  const time = createSimTime()
  const logins = new FailedLogins(time.clock)
  for (let count = 0; count < 30; count++) logins.note('::1')
  logins.takeBack('::2')
  expect(logins.isBlocked('::1')).toBe(false)
  logins.note('::3')
  expect(logins.isBlocked('::1')).toBe(true)
  await time.advance(60_000)
  expect(logins.isBlocked('::1')).toBe(false)
})
