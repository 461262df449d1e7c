import { expect, it } from 'vitest'
import { ConnectionLimits } from './connection-limits.ts'

it('bounds connections in all and from each address, and frees a place', () => {
  const limits = new ConnectionLimits(
    () => 3,
    () => 2,
  )
  expect(limits.enter('a')).toBe('entered')
  expect(limits.enter('a')).toBe('entered')
  expect(limits.enter('a')).toBe('too-many-from-address')
  expect(limits.enter('b')).toBe('entered')
  expect(limits.enter('c')).toBe('too-many-connections')
  limits.leave('a')
  expect(limits.enter('a')).toBe('entered')
  limits.leave('b')
  expect(limits.total).toBe(2)
  expect(limits.enter('c')).toBe('entered')
})
