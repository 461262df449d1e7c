import { expect, it } from 'vitest'
import { ConnectionLimits, limitOfAddress } from './connection-limits.ts'

const on = (listener: string) => (address: string) => ({ address, listener })
const outside = on('OUTSIDE')
const inside = on('INSIDE')

it('bounds connections in all and from each address, and frees a place', () => {
  const limits = new ConnectionLimits({
    maxTotal: () => 3,
    maxFromAddress: () => 2,
    maxOnListener: () => 100,
  })
  expect(limits.enter(outside('a'))).toBe('entered')
  expect(limits.enter(outside('a'))).toBe('entered')
  expect(limits.enter(inside('a'))).toBe('too-many-from-address')
  expect(limits.enter(outside('b'))).toBe('entered')
  expect(limits.enter(outside('c'))).toBe('too-many-connections')
  limits.leave(outside('a'))
  expect(limits.enter(outside('a'))).toBe('entered')
  limits.leave(outside('b'))
  expect(limits.total).toBe(2)
  expect(limits.enter(outside('c'))).toBe('entered')
})

it('bounds each listener for itself, so that a busy one leaves the others reachable', () => {
  const limits = new ConnectionLimits({
    maxTotal: () => 100,
    maxFromAddress: (address) => (address === 'trusted' ? 100 : 2),
    maxOnListener: (listener) => (listener === 'OUTSIDE' ? 3 : 100),
  })
  for (let i = 0; i < 3; i++) expect(limits.enter(outside('trusted'))).toBe('entered')
  expect(limits.enter(outside('trusted'))).toBe('too-many-on-listener')
  expect(limits.enter(inside('trusted'))).toBe('entered')
  limits.leave(outside('trusted'))
  expect(limits.enter(outside('a'))).toBe('entered')
})

it('knows exceptions for single addresses: max.connections.per.ip.overrides', () => {
  const exceptions = ['127.0.0.1:5', '::1:7', '10.0.0.1:none']
  expect(limitOfAddress('127.0.0.1', exceptions, 2)).toBe(5)
  expect(limitOfAddress('::1', exceptions, 2)).toBe(7)
  expect(limitOfAddress('10.0.0.1', exceptions, 2)).toBe(2)
  expect(limitOfAddress('10.0.0.2', exceptions, 2)).toBe(2)
})
