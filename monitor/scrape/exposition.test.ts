import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ExpositionFormat } from './exposition.ts'
import { ExpositionError, ExpositionParser, formatOf, parseSeries } from './exposition.ts'

/** Everything that a text says, one line each; the text comes in pieces of so many characters. */
function told(
  text: string,
  format: ExpositionFormat = 'prometheus',
  pieceLength = text.length + 1,
): string[] {
  const lines: string[] = []
  const parser = new ExpositionParser(format, {
    sample: (series, value, timestampMs) =>
      lines.push(`${parseSeries(series, 0)} ${value} ${timestampMs}`),
    exemplar: (series, labels, value, timestampMs) =>
      lines.push(`exemplar ${series} ${labels} ${value} ${timestampMs}`),
    metadata: (kind, metric, what) => lines.push(`${kind} ${metric}: ${what}`),
  })
  for (let at = 0; at < text.length; at += pieceLength)
    parser.read(text.slice(at, at + pieceLength))
  parser.end()
  return lines
}

describe('a text of metrics', () => {
  it.each([
    ['up 1', ['{__name__="up"} 1 null']],
    [
      'up{job="a",instance="b:1"} 0.5 1700000000000',
      ['{__name__="up", instance="b:1", job="a"} 0.5 1700000000000'],
    ],
    ['up {job="a",} NaN\n', ['{__name__="up", job="a"} NaN null']],
    [
      '# HELP up Whether it\\nis up.\n# TYPE up gauge\nup +Inf',
      ['help up: Whether it\nis up.', 'type up: gauge', '{__name__="up"} Infinity null'],
    ],
    ['p{v="a\\"}\\\\{\\nb"} 1e3', ['{__name__="p", v="a\\"}\\\\{\\nb"} 1000 null']],
    ['{"with.dots",l="x"} 1', ['{__name__="with.dots", l="x"} 1 null']],
    ['# just a remark\n\n  up   2  ', ['{__name__="up"} 2 null']],
    ['up 1\r\nup2 2\r\n', ['{__name__="up"} 1 null', '{__name__="up2"} 2 null']],
  ])('%j', (text, lines) => {
    expect(told(text)).toEqual(lines)
  })

  it('in OpenMetrics has seconds, exemplars and an end', () => {
    const text = '# TYPE h histogram\nh_bucket{le="1"} 3 12.5 # {trace_id="ab"} 0.7 12.25\n# EOF\n'
    expect(told(text, 'openmetrics')).toEqual([
      'type h: histogram',
      '{__name__="h_bucket", le="1"} 3 12500',
      'exemplar h_bucket{le="1"} {trace_id="ab"} 0.7 12250',
    ])
  })

  it.each([
    ['up', 'line 1: a series without a value'],
    ['up one', 'line 1: no value: "one"'],
    ['ok 1\nup{job="a" 1', 'line 2: labels without a closing brace'],
    ['up 1 2 3', 'line 1: no value: "1 2 3"'],
    ['1up 1', 'line 0: no name of a metric: "1up"'],
    ['up{a="1",a="2"} 1', 'line 0: the label "a" is there twice'],
    ['up{a} 1', 'line 0: a label without a value: "a"'],
    ['{a="1"} 1', 'line 0: a series without a name: "{a=\\"1\\"}"'],
    ['<html>', 'line 1: a series without a value'],
  ])('%j is refused', (text, message) => {
    expect(() => told(text)).toThrow(
      new ExpositionError(Number(/\d+/.exec(message)?.[0]), message.replace(/^line \d+: /, '')),
    )
  })

  it('in OpenMetrics is refused without its end, or with more behind it', () => {
    expect(() => told('up 1\n', 'openmetrics')).toThrow('no # EOF at the end')
    expect(() => told('# EOF\nup 1\n', 'openmetrics')).toThrow('something behind # EOF')
  })

  it('may have whole numbers of any length, as exact as others', () => {
    const text = 'a 0\na 007\na 999999999999999\na 9007199254740993\na 1 \na -1\na 1 2\n'
    expect(told(text).map((line) => line.replace('{__name__="a"} ', ''))).toEqual([
      ...['0 null', '7 null', '999999999999999 null', '9007199254740992 null', '1 null'],
      ...['-1 null', '1 2'],
    ])
  })

  it('may have lines that are long, but not without end', () => {
    const help = 'x'.repeat(1_000_000)
    expect(told(`# HELP a ${help}\n`, 'prometheus', 60_000)).toEqual([`help a: ${help}`])
    expect(() => told(`up 1\nup{a="${'x'.repeat(2_000_000)}"} 1\n`, 'prometheus', 60_000)).toThrow(
      'line 2: longer than 1048576 characters',
    )
  })

  it('of any bytes gives an error with its line, or samples, and the same in pieces', () => {
    const character = fc.constantFrom(
      'a',
      '{',
      '}',
      '"',
      '\\',
      '=',
      ',',
      ' ',
      '\n',
      '#',
      '1',
      '.',
      'e',
      '\t',
      '\r',
      'é',
    )
    fc.assert(
      fc.property(
        fc.array(character).map((all) => all.join('')),
        fc.constantFrom<ExpositionFormat>('prometheus', 'openmetrics'),
        fc.integer({ min: 1, max: 4 }),
        (text, format, pieceLength) => {
          let whole: string[] = []
          try {
            whole = told(text, format)
          } catch (error) {
            expect(error).toBeInstanceOf(ExpositionError)
            expect(() => told(text, format, pieceLength)).toThrow(String(error).slice(17))
            return
          }
          expect(told(text, format, pieceLength)).toEqual(whole)
        },
      ),
      { seed: 9, numRuns: 5_000 },
    )
  })
})

it('tells formats by the content type', () => {
  expect(formatOf('application/openmetrics-text; version=1.0.0; charset=utf-8')).toBe('openmetrics')
  expect(formatOf('text/plain; version=0.0.4')).toBe('prometheus')
  expect(formatOf(null)).toBe('prometheus')
})

describe('a page of very many samples', () => {
  // Whoever looks beyond a line for its exemplar needs minutes for this, and half a core for what a large broker sends.
  it('is read in one go', () => {
    const line = (n: number) => `samples_total{partition="${n}",topic="orders"} ${n}\n`
    const page = `${Array.from({ length: 200_000 }, (_, n) => line(n)).join('')}# EOF\n`
    let sum = 0
    const parser = new ExpositionParser('openmetrics', {
      sample: (_, value) => {
        sum += value
      },
      exemplar: () => {},
      metadata: () => {},
    })
    parser.read(page)
    parser.end()
    expect(sum).toBe((199_999 * 200_000) / 2)
  })
})
