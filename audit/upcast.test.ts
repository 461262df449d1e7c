import { describe, expect, it } from 'vitest'
import { HistoryError } from './history.ts'
import type { Upcaster } from './upcast.ts'
import { upcast } from './upcast.ts'

const renamed: Upcaster = ({ user, ...rest }) => ({ ...rest, principal: user })
const prefixed: Upcaster = ({ principal, ...rest }) => ({ ...rest, principal: `User:${principal}` })

describe('upcasters', () => {
  it.each([
    [{ schema: 1, user: 'alice' }],
    [{ schema: 2, principal: 'alice' }],
    [{ schema: 3, principal: 'User:alice' }],
  ])('bring %j to the current schema', (stored) => {
    const current = upcast(stored, [renamed, prefixed], 3)
    expect(current).toEqual({ schema: 3, principal: 'User:alice' })
  })

  it('leave what is stored as it is', () => {
    const stored = Object.freeze({ schema: 1, user: 'alice' })
    upcast(stored, [renamed, prefixed], 3)
    expect(stored).toEqual({ schema: 1, user: 'alice' })
  })

  it('refuse a schema from the future', () => {
    expect(() => upcast({ schema: 4 }, [renamed, prefixed], 3)).toThrow(HistoryError)
  })

  it('must be complete', () => {
    expect(() => upcast({ schema: 1 }, [], 2)).toThrow('no upcaster leads from schema 1')
  })
})
