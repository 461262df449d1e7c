import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EngineOptions, QueryValue } from './engine.ts'
import { PromqlEngine } from './engine.ts'
import { EvaluationError, ParseError, UnsupportedFeatureError } from './promql-error.ts'
import { sourceOf } from './testing.ts'

const MINUTE_MS = 60_000

function engineOver(series: Parameters<typeof sourceOf>[0], options: EngineOptions = {}) {
  return new PromqlEngine(sourceOf(series, MINUTE_MS), options)
}

/** `{labels} value` of each series, the time left out. */
function rows(value: QueryValue): string[] {
  if (value.type === 'scalar') return [String(value.point[1])]
  if (value.type === 'string') return [value.value]
  return value.series.map(
    ({ labels, points }) => `${labels} ${points.map(([, number]) => number).join(' ')}`,
  )
}

const REQUESTS = {
  'requests_total,api=produce,host=a': [0, 60, 120, 180, 240, 300],
  'requests_total,api=produce,host=b': [0, 30, 60, 90, 120, 150],
  'requests_total,api=fetch,host=a': [0, 6, 12, 0, 6, 12],
  'limit,host=a': [10, 10, 10, 10, 10, 10],
  'limit,host=b': [1, 1, 1, 1, 1, 1],
}

describe('an instant query', () => {
  const engine = engineOver(REQUESTS)
  const at = (expression: string) => rows(engine.instant(expression, 5 * MINUTE_MS).value)

  it.each([
    ['requests_total{api="fetch"}', ['{__name__="requests_total", api="fetch", host="a"} 12']],
    ['sum by (api) (rate(requests_total[5m]))', ['{api="produce"} 1.5', '{api="fetch"} 0.075']],
    ['increase(requests_total{api="fetch"}[5m])', ['{api="fetch", host="a"} 22.5']],
    ['resets(requests_total{api="fetch"}[10m])', ['{api="fetch", host="a"} 1']],
    ['max without (host) (requests_total)', ['{api="produce"} 300', '{api="fetch"} 12']],
    ['topk(1, requests_total)', ['{__name__="requests_total", api="produce", host="a"} 300']],
    ['count(requests_total > 100)', ['{} 2']],
    ['requests_total / on(host) group_left limit > 100', ['{api="produce", host="b"} 150']],
    ['limit unless on(host) requests_total{api="fetch"}', ['{__name__="limit", host="b"} 1']],
    ['absent(nothing{host="a"})', ['{host="a"} 1']],
    ['absent(limit)', []],
    ['scalar(limit{host="a"}) * 2', ['20']],
    ['"text"', ['text']],
    ['-2 ^ 2', ['-4']],
    ['limit offset 1m + limit', ['{host="a"} 20', '{host="b"} 2']],
    ['timestamp(limit{host="a"} offset 2m)', ['{host="a"} 180']],
    ['max_over_time(sum(limit)[3m:1m])', ['{} 11']],
    [
      'label_replace(limit{host="a"}, "first", "$1-$1", "host", "(.).*")',
      ['{__name__="limit", first="a-a", host="a"} 10'],
    ],
  ])('%s', (expression, expected) => {
    expect(at(expression)).toEqual(expected)
  })

  it('gives the samples of a range whose left end is open', () => {
    expect(at('limit{host="a"}[2m]')).toEqual(['{__name__="limit", host="a"} 10 10'])
  })
})

describe('staleness', () => {
  it('ends a series at a stale marker, and five minutes after its last sample', () => {
    const engine = engineOver({ 'gone,how=marked': [1, 'stale'], 'gone,how=silent': [1] })
    const countAt = (minutes: number) =>
      rows(engine.instant('count(gone)', minutes * MINUTE_MS).value)
    expect([countAt(0), countAt(1), countAt(4), countAt(5)]).toEqual([
      ['{} 2'],
      ['{} 1'],
      ['{} 1'],
      [],
    ])
  })

  it('keeps stale markers from range functions', () => {
    const engine = engineOver({ up: [1, 'stale', 1] })
    expect(rows(engine.instant('count_over_time(up[5m])', 2 * MINUTE_MS).value)).toEqual(['{} 2'])
  })
})

describe('a classic histogram', () => {
  const buckets = (counts: Readonly<Record<string, number>>) =>
    engineOver(
      Object.fromEntries(
        Object.entries(counts).map(([le, count]) => [`took_bucket,le=${le}`, [count]]),
      ),
    )

  it('is linear within a bucket', () => {
    const engine = buckets({ 1: 10, 2: 30, '+Inf': 40 })
    const { value } = engine.instant('histogram_quantile(0.5, took_bucket)', 0)
    expect(rows(value)).toEqual(['{} 1.5'])
    expect(rows(engine.instant('histogram_fraction(0, 1.5, took_bucket)', 0).value)).toEqual([
      '{} 0.5',
    ])
  })

  it('is bent upwards where counts fall, and says so', () => {
    const { infos } = buckets({ 1: 10, 2: 4, '+Inf': 40 }).instant(
      'histogram_quantile(0.5, took_bucket)',
      0,
    )
    expect(infos).toEqual([
      expect.stringContaining('from buckets 2 to 2, with a max diff of 6, over 1 samples'),
    ])
  })

  it('warns of a bucket without a bound', () => {
    const { warnings, value } = engineOver({ took_bucket: [1] }).instant(
      'histogram_quantile(0.5, took_bucket)',
      0,
    )
    expect(rows(value)).toEqual([])
    expect(warnings).toEqual([
      'PromQL warning: bucket label "le" is missing or has a malformed value of "" for metric name "took_bucket" (1:25)',
    ])
  })
})

describe('what is refused', () => {
  const engine = engineOver(REQUESTS)
  const error = (expression: string): unknown => {
    try {
      engine.instant(expression, 5 * MINUTE_MS)
    } catch (thrown) {
      return thrown
    }
    return null
  }

  it.each([
    ['sum(', '1:5: parse error: unexpected end of input'],
    ['nope(1)', '1:1: parse error: unknown function with name "nope"'],
    ['up{job=~"("}', /^1:4: parse error: error parsing regexp/],
    ['{}', '1:1: parse error: vector selector must contain at least one non-empty matcher'],
    [
      'rate(up)',
      '1:6: parse error: expected type range vector in call to function "rate", got instant vector',
    ],
    ['1 == 1', '1:1: parse error: comparisons between scalars must use BOOL modifier'],
    ['up[5m][5m]', /ranges only allowed for vector selectors/],
    ['up\n+ )', /^2:3: parse error: unexpected "\)"/],
    ['up offset 1m offset 2m', /offset may not be set multiple times/],
    ['', /no expression found/],
    [`${'('.repeat(600)}1${')'.repeat(600)}`, /nested deeper than 500 levels/],
    [`${'2^'.repeat(600)}1`, /nested deeper than 500 levels/],
    ['a and 1', /set operator "and" not allowed/],
  ])('%s', (expression, message) => {
    const thrown = error(expression)
    expect(thrown).toBeInstanceOf(ParseError)
    expect((thrown as Error).message).toMatch(message)
  })

  it.each([
    [
      'requests_total + on(host) limit',
      /multiple matches for labels: many-to-one matching must be explicit/,
    ],
    [
      'limit + on(host) requests_total',
      /found duplicate series for the match group \{host="a"\} on the right/,
    ],
    ['label_replace(requests_total, "host", "x", "", "")', /same labelset/],
    ['topk(NaN, limit)', /Parameter value is NaN/],
  ])('%s', (expression, message) => {
    expect(error(expression)).toBeInstanceOf(EvaluationError)
    expect((error(expression) as Error).message).toMatch(message)
  })

  it.each([
    ['info(up)', 'info()'],
    ['sum(rate(up[5m] smoothed))', 'anchored and smoothed'],
    ['a + fill(0) b', 'fill modifiers'],
    ['up[5m + 1m]', 'duration expressions'],
    ['histogram_count(up)', 'native histograms'],
    ['mad_over_time(up[5m])', 'experimental functions'],
    ['limitk(1, up)', 'experimental functions'],
  ])('%s is left out by name', (expression, feature) => {
    const thrown = error(expression)
    expect(thrown).toBeInstanceOf(UnsupportedFeatureError)
    expect((thrown as UnsupportedFeatureError).feature).toBe(feature)
  })

  it('reads a regular expression that backtracking would never finish', () => {
    const evil = engineOver({ [`up,job=${'a'.repeat(200)}!`]: [1] })
    expect(rows(evil.instant('up{job=~"(a+)+"}', 0).value)).toEqual([])
  })

  it('stops at its limits', () => {
    const small = engineOver(REQUESTS, { limits: { maxSamples: 5 } })
    expect(() => small.instant('sort(requests_total)', 5 * MINUTE_MS)).toThrow(/too many samples/)
    const slow = engineOver(REQUESTS, { limits: { expired: () => true } })
    expect(() => slow.instant('limit', 5 * MINUTE_MS)).toThrow(/query timed out/)
    expect(() => engineOver({}).range('up', 0, 20_000_000, 1_000)).toThrow(
      /11000 points per timeseries/,
    )
  })
})

describe('a range query', () => {
  /** Expressions of every kind, over the same series. */
  const expressions = [
    'requests_total',
    'rate(requests_total[3m])',
    'sum by (api) (increase(requests_total[2m]))',
    'requests_total > 50 and on(host) limit',
    'avg_over_time(requests_total[2m] offset 1m)',
    'max_over_time(rate(requests_total[2m])[3m:1m])',
    'quantile by (host) (0.5, requests_total)',
    'requests_total * on(host) group_left limit',
    'requests_total @ 120',
    'predict_linear(requests_total[3m], 60)',
    'bottomk by (api) (1, requests_total)',
    'limit or requests_total',
    'stddev(requests_total)',
    'day_of_week()',
  ]

  it('gives at each step what an instant query gives there', () => {
    const value = fc.oneof(
      fc.integer({ min: 0, max: 1000 }),
      fc.constant(null),
      fc.constant('stale' as const),
    )
    const values = fc.array(value, { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(
        fc.record({
          'requests_total,api=produce,host=a': values,
          'requests_total,api=produce,host=b': values,
          'requests_total,api=fetch,host=a': values,
          'limit,host=a': values,
          'limit,host=b': values,
        }),
        fc.constantFrom(...expressions),
        (series, expression) => {
          const engine = engineOver(series)
          const range = engine.range(expression, 0, 12 * MINUTE_MS, 1.5 * MINUTE_MS).value
          if (range.type !== 'matrix') throw new Error(range.type)
          for (let atMs = 0; atMs <= 12 * MINUTE_MS; atMs += 1.5 * MINUTE_MS) {
            const there = range.series.flatMap(({ labels, points }) =>
              points
                .filter(([timeMs]) => timeMs === atMs)
                .map(([, number]) => `${labels} ${number}`),
            )
            expect(there.sort()).toEqual(rows(engine.instant(expression, atMs).value).sort())
          }
        },
      ),
      { seed: 6, numRuns: 300 },
    )
  })

  it('asks a counter for its name', () => {
    const { infos } = engineOver({ up: [1, 2, 3] }).range(
      'rate(up[2m])',
      0,
      2 * MINUTE_MS,
      MINUTE_MS,
    )
    expect(infos).toEqual([
      'PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "up" (1:6)',
    ])
  })
})
