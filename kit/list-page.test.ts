import { describe, expect, it } from 'vitest'
import type { QueryTexts } from './list-page.ts'
import { listPage } from './list-page.ts'

const items = Array.from({ length: 250 }, (_, at) => ({ at }))
const page = (query: QueryTexts) =>
  listPage('items', items, query, (message) => new RangeError(message))

describe('a page of a list', () => {
  it.each<[QueryTexts, from: number, to: number, next: string | null]>([
    [{}, 0, 100, '100'],
    [{ limit: '1' }, 0, 1, '1'],
    [{ limit: '1000' }, 0, 250, null],
    [{ limit: '150', cursor: '100' }, 100, 250, null],
    [{ limit: '149', cursor: '100' }, 100, 249, '249'],
    [{ cursor: '250' }, 250, 250, null],
    [{ cursor: '999999999999999' }, 250, 250, null],
  ])('%j', (query, from, to, next) => {
    expect(page(query)).toEqual({ items: items.slice(from, to), next })
  })

  it.each<[QueryTexts, string]>([
    [{ limit: '0' }, 'limit must be a whole number from 1 to 1000'],
    [{ limit: '1001' }, 'limit must be a whole number from 1 to 1000'],
    [{ limit: '' }, 'limit must be a whole number from 1 to 1000'],
    [{ limit: '1e2' }, 'limit must be a whole number from 1 to 1000'],
    [{ cursor: '-1' }, 'cursor must be a whole number from 0 to 9007199254740991'],
    [{ cursor: '1'.repeat(16) }, 'cursor must be a whole number from 0 to 9007199254740991'],
  ])('refuses %j', (query, message) => {
    expect(() => page(query)).toThrow(new RangeError(message))
  })
})
