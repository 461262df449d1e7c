import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../kit/index.ts'
import { systemTimers } from '../../../kit/index.ts'
import { createSimTime } from '../../../kit/testing.ts'
import type { Family, Sample } from '../family.ts'
import { labelText } from '../family.ts'
import { Slices } from '../slices.ts'
import type { ExpositionFormat } from './format.ts'
import { formatFor } from './format.ts'
import { renderFamilies } from './render.ts'
import { TextBuffer } from './text-buffer.ts'

const base = { help: 'What it says.', labels: [], movedBy: 'here' }

const families: readonly Family[] = [
  {
    ...{ ...base, name: 'taken_total', type: 'counter' },
    samples: () => [{ labels: { who: 'a "b"\\\n' }, value: 3 }],
  },
  {
    ...{ ...base, name: 'forced_count', type: 'unknown' },
    samples: () => [{ labels: labelText({ partition: 1 }), value: Number.NaN }],
  },
  {
    ...{ ...base, name: 'took_seconds', type: 'histogram' },
    samples: () => [
      {
        labels: { api: 'Fetch' },
        buckets: [
          [0.5, 1],
          [1, 2],
        ],
        ...{ sum: 9, count: 3 },
        exemplars: [
          { traceId: 'a1', value: 0.75, atSeconds: 1 },
          { traceId: 'b2', value: 0.8, atSeconds: 2 },
          { traceId: 'c3', value: 7, atSeconds: 3 },
        ],
      },
    ],
  },
]

async function textOf(format: ExpositionFormat, given = families, clock?: Clock): Promise<string> {
  const pieces: Buffer[] = []
  const slices = new Slices(clock ? { clock, timers: systemTimers } : createSimTime())
  for await (const piece of renderFamilies(given, format, slices, new TextBuffer())) {
    pieces.push(Buffer.from(piece))
  }
  return Buffer.concat(pieces).toString()
}

describe('text formats', () => {
  it('Prometheus text', async () => {
    expect(await textOf('prometheus')).toBe(
      [
        '# HELP taken_total What it says.',
        '# TYPE taken_total counter',
        'taken_total{who="a \\"b\\"\\\\\\n"} 3',
        '# HELP forced_count What it says.',
        '# TYPE forced_count untyped',
        'forced_count{partition="1"} NaN',
        '# HELP took_seconds What it says.',
        '# TYPE took_seconds histogram',
        'took_seconds_bucket{api="Fetch",le="0.5"} 1',
        'took_seconds_bucket{api="Fetch",le="1.0"} 2',
        'took_seconds_bucket{api="Fetch",le="+Inf"} 3',
        'took_seconds_sum{api="Fetch"} 9',
        'took_seconds_count{api="Fetch"} 3',
        '',
      ].join('\n'),
    )
  })

  it('OpenMetrics, with traces of what was slow', async () => {
    expect(await textOf('openmetrics')).toBe(
      [
        '# HELP taken What it says.',
        '# TYPE taken counter',
        'taken_total{who="a \\"b\\"\\\\\\n"} 3',
        '# HELP forced_count What it says.',
        '# TYPE forced_count unknown',
        'forced_count{partition="1"} NaN',
        '# HELP took_seconds What it says.',
        '# TYPE took_seconds histogram',
        'took_seconds_bucket{api="Fetch",le="0.5"} 1',
        'took_seconds_bucket{api="Fetch",le="1.0"} 2 # {trace_id="b2"} 0.8 2',
        'took_seconds_bucket{api="Fetch",le="+Inf"} 3 # {trace_id="c3"} 7 3',
        'took_seconds_sum{api="Fetch"} 9',
        'took_seconds_count{api="Fetch"} 3',
        '# EOF',
        '',
      ].join('\n'),
    )
  })

  it.each([
    [undefined, 'prometheus'],
    ['*/*', 'prometheus'],
    ['text/plain', 'prometheus'],
    ['application/openmetrics-text', 'openmetrics'],
    [
      'application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.4',
      'openmetrics',
    ],
    ['application/openmetrics-text; q=0.3, text/plain; q=0.5, */*;q=0.1', 'prometheus'],
    ['application/openmetrics-text;q=0', 'prometheus'],
  ] as const)('%s is answered with %s', (accept, format) => {
    expect(formatFor(accept)).toBe(format)
  })
})

describe('a long text', () => {
  const many: Family = {
    ...{ ...base, name: 'many', type: 'gauge' },
    *samples(): Iterable<Sample> {
      for (let n = 0; n < 20_000; n++) yield { labels: { n }, value: n }
    },
  }

  it('comes in pieces, and nothing of it is made before it is taken', async () => {
    let made = 0
    const counted: Family = {
      ...{ ...base, name: 'counted', type: 'gauge' },
      *samples(): Iterable<Sample> {
        for (; made < 20_000; made++) yield { labels: { made }, value: made }
      },
    }
    const slices = new Slices(createSimTime())
    const pieces = renderFamilies([counted], 'prometheus', slices, new TextBuffer())
    const { value: first } = await pieces.next()
    expect(first?.length).toBeLessThan(200 * 1024)
    expect(made).toBeLessThan(10_000)
    const { value: second } = await pieces.next()
    expect(second?.buffer).toBe(first?.buffer)
    await pieces.return(undefined)
  })

  it('lets others work when a slice of time is over', async () => {
    // A clock that stands still but for looks at it: each takes a millisecond.
    let nowMs = 0
    const clock: Clock = { now: () => nowMs, monotonicMs: () => nowMs++ }
    let turns = 0
    const count = (): void => {
      turns++
      if (turns < 1_000) setImmediate(count)
    }
    setImmediate(count)
    const text = await textOf('prometheus', [many], clock)
    expect(text.split('\n').length).toBe(20_003)
    expect(turns).toBeGreaterThan(20_000 / 64 / 5 - 10)
  })
})
