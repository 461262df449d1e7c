import { describe, expect, it } from 'vitest'
import { abbreviate } from './text.ts'

describe('abbreviate', () => {
  it.each([
    ['', 3, ''],
    ['abc', 3, 'abc'],
    ['abcd', 3, 'abc…'],
    ['ab😀', 3, 'ab\ufffd…'],
    ['\ud800', 3, '\ufffd'],
  ])('%j in %i is %j', (text, maxLength, expected) => {
    expect(abbreviate(text, maxLength)).toBe(expected)
  })
})
