import { describe, expect, it } from 'vitest'
import type { Json } from '../../../audit/index.ts'
import { jsonPathTest } from './json-path.ts'

function selects(path: string, value: Json, wanted?: string): boolean {
  return jsonPathTest(path, wanted)(value, JSON.stringify(value).length)
}

/** A list in a list, and so on. */
function nested(depth: number): Json {
  return depth === 0 ? 1 : [nested(depth - 1)]
}

const numbers = Array.from({ length: 20_000 }, (_, index) => index)

describe('JSONPath queries', () => {
  const order = { user: { name: 'ann' }, items: [{ price: 5 }, { price: 50 }], tags: ['x', null] }

  it.each<[string, string | undefined, boolean]>([
    ['$.user.name', undefined, true],
    ['$.user.age', undefined, false],
    ['$.user.name', 'ann', true],
    ['$.user.name', '"ann"', false],
    ['$.items[?@.price > 10]', undefined, true],
    ['$.items[?@.price > 100]', undefined, false],
    ['$..price', '50', true],
    ['$..price', '51', false],
    ['$.items[*]', '{"price": 5}', true],
    ['$.tags', '["x",null]', true],
    ['$.tags[1]', 'null', true],
    ['$.tags', '["x"', false],
    ["$['user','items'][*]['price','name']", '50', true],
    ['$.items[?count(@.*) == 1 && @.price == $.items[1].price]', undefined, true],
  ])('%s with %s: %s', (path, wanted, isSelected) => {
    expect(selects(path, order, wanted)).toBe(isSelected)
  })

  it('go through all of a large value', () => {
    expect(selects('$[*]', numbers, '19999')).toBe(true)
    expect(selects('$[?@ >= 0 && @ > 19998]', numbers)).toBe(true)
    expect(selects('$..*', { a: { b: numbers } }, '19999')).toBe(true)
  })

  it('that would look at everything again and again select nothing, and soon', () => {
    // Each of these would take minutes to centuries.
    expect(selects(`$${'[*,*]'.repeat(60)}`, nested(60))).toBe(true)
    expect(selects(`$${'[*,*]'.repeat(60)}`, nested(60), '2')).toBe(false)
    expect(selects(`$${'[*,*]'.repeat(60)}.nothing`, nested(60))).toBe(false)
    expect(selects('$[?count($[?count($[*]) == 0]) > 0]', numbers)).toBe(false)
    expect(selects('$[?count($..*) < 0]', numbers)).toBe(false)
  })
})
