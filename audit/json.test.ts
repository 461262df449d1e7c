import { describe, expect, it } from 'vitest'
import { canonicalJson } from './json.ts'

describe('canonical JSON', () => {
  it.each([
    [null, 'null'],
    [true, 'true'],
    [-0, '0'],
    [1e21, '1e+21'],
    [0.1, '0.1'],
    ['é\n"\u2028', `"é\\n\\"\u2028"`],
    [[1, [], {}], '[1,[],{}]'],
    [{ b: 1, a: { d: null, c: [2] } }, '{"a":{"c":[2],"d":null},"b":1}'],
    [{ kept: 1, left: undefined }, '{"kept":1}'],
    [{ é: 1, z: 2, Z: 3, 1: 4 }, '{"1":4,"Z":3,"z":2,"é":1}'],
  ])('%j is %s', (value, text) => {
    expect(canonicalJson(value)).toBe(text)
  })

  it('sorts members by UTF-16 code units, as RFC 8785 asks', () => {
    const text = canonicalJson({
      '\u20ac': 1,
      '\r': 2,
      '\ufb33': 3,
      '1': 4,
      '\u{1f600}': 5,
      '\u0080': 6,
      ö: 7,
    })
    expect(text).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}')
  })

  it.each([[Number.NaN], [Number.POSITIVE_INFINITY], ['\ud800'], [{ '\udc00': 1 }]])(
    'refuses what has no such text (%#)',
    (value) => {
      expect(() => canonicalJson(value)).toThrow(TypeError)
    },
  )
})
