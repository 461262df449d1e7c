import { expect, it } from 'vitest'
import { ConnectionLimits, limitOfAddress } from './connection-limits.ts'

const on = (listener: string) => (address: string) => ({ address, listener })
const outside = on('OUTSIDE')
const inside = on('INSIDE')

it('bounds connections in all and from each address, and frees a place', () => {
  const limits = new ConnectionLimits({
    maxTotal: () => 3,
    maxFromNetwork: () => 2,
    ownLimitOf: () => null,
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
    maxFromNetwork: () => 2,
    ownLimitOf: (address) => (address === 'trusted' ? 100 : null),
    maxOnListener: (listener) => (listener === 'OUTSIDE' ? 3 : 100),
  })
  for (let i = 0; i < 3; i++) expect(limits.enter(outside('trusted'))).toBe('entered')
  expect(limits.enter(outside('trusted'))).toBe('too-many-on-listener')
  expect(limits.enter(inside('trusted'))).toBe('entered')
  limits.leave(outside('trusted'))
  expect(limits.enter(outside('a'))).toBe('entered')
})

it('counts the addresses of one /64 network together, but for those with a limit of their own', () => {
  const limits = new ConnectionLimits({
    maxTotal: () => 100,
    maxFromNetwork: () => 2,
    ownLimitOf: (address) => limitOfAddress(address, ['2001:DB8::9:1']),
    maxOnListener: () => 100,
  })
  expect(limits.enter(outside('2001:db8::1'))).toBe('entered')
  expect(limits.enter(outside('2001:db8::2'))).toBe('entered')
  expect(limits.enter(outside('2001:db8::3'))).toBe('too-many-from-address')
  expect(limits.enter(outside('2001:db8:0:1::3'))).toBe('entered')
  expect(limits.enter(outside('2001:db8::9'))).toBe('entered')
  expect(limits.enter(outside('2001:db8::9'))).toBe('too-many-from-address')
  for (const address of ['2001:db8::1', '2001:db8::2', '2001:db8::9']) {
    limits.leave(outside(address))
  }
  expect(limits.enter(outside('2001:db8::3'))).toBe('entered')
})

it('knows exceptions for single addresses: max.connections.per.ip.overrides', () => {
  const exceptions = ['127.0.0.1:5', '::1:7', '10.0.0.1:none', '::FFFF:10.0.0.3:4']
  expect(limitOfAddress('127.0.0.1', exceptions)).toBe(5)
  expect(limitOfAddress('::1', exceptions)).toBe(7)
  expect(limitOfAddress('10.0.0.1', exceptions)).toBeNull()
  expect(limitOfAddress('10.0.0.2', exceptions)).toBeNull()
  expect(limitOfAddress('10.0.0.3', exceptions)).toBe(4)
})
