import { describe, expect, it } from 'vitest'
import { formatMatchers, MatcherError } from './matcher.ts'
import { parseMatcher, parseMatchers } from './parse-matchers.ts'

describe('matchers', () => {
  it.each([
    ['foo="bar"', '{foo="bar"}'],
    ['foo=bar', '{foo="bar"}'],
    ['{foo="bar",}', '{foo="bar"}'],
    [' { foo = "bar" , baz!~"a|b" } ', '{foo="bar",baz!~"a|b"}'],
    ['"a name"="Ω 😀"', '{"a name"="Ω 😀"}'],
    ['Ω=1', '{"Ω"="1"}'],
    ['foo="a\\"b\\n\\u00e4"', '{foo="a\\"b\\nä"}'],
    ['foo=""', '{foo=""}'],
    ['{}', '{}'],
    ['', '{}'],
    // Only the parser of old takes these.
    ['foo=~^a(b|c)=.*$', '{foo=~"^a(b|c)=.*$"}'],
    ['foo=~"a\\d+"', '{foo=~"a\\\\d+"}'],
    ['foo=', '{foo=""}'],
    ['foo=bar baz', '{foo="bar baz"}'],
  ])('%s', (text, canonical) => {
    expect(formatMatchers(parseMatchers(text))).toBe(canonical)
  })

  it.each([
    ['foo', 'expected an operator'],
    ['{foo="bar"', 'expected a closing brace'],
    ['="bar"', 'at 1: expected a label name'],
    ['"foo=bar', 'expected a closing quote'],
    ['"a b"=c d', 'at 9: expected a comma, got "d"'],
    ['foo=~"("', 'not a regular expression'],
    [`foo=~"${'a'.repeat(5000)}"`, 'more than 4096 characters'],
  ])('refuses %s', (text, message) => {
    expect(() => parseMatchers(text)).toThrow(MatcherError)
    expect(() => parseMatchers(text)).toThrow(message)
  })

  it('compares whole values, and counts what is missing as empty', () => {
    expect(parseMatcher('a=~"b"').matches({ a: 'abc' })).toBe(false)
    expect(parseMatcher('a=~"b.*"').matches({ a: 'b\nc' })).toBe(true)
    expect(parseMatcher('a=""').matches({})).toBe(true)
    expect(parseMatcher('a!="x"').matches({})).toBe(true)
    expect(parseMatcher('toString=""').matches({})).toBe(true)
  })

  it('is not held up by an expression that would take others for ever', () => {
    const matcher = parseMatcher('a=~"(x+x+)+y"')
    expect(matcher.matches({ a: 'x'.repeat(2_000) })).toBe(false)
  })
})
