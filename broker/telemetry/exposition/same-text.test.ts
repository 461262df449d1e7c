import { expect, it } from 'vitest'
import type { Random } from '../../../kit/index.ts'
import { seededRandom } from '../../../kit/index.ts'
import { createSimTime } from '../../../kit/testing.ts'
import type { Family, HistogramSample, Labels, LabelText, Sample } from '../family.ts'
import { joinLabels, labelText } from '../family.ts'
import { RowSamples } from '../row-samples.ts'
import { Slices } from '../slices.ts'
import type { ExpositionFormat } from './format.ts'
import { renderFamilies } from './render.ts'
import { TextBuffer } from './text-buffer.ts'

/** Bytes are written by hand for speed. The same text in strings, as one would write it who has time, is the measure. */

const SEEDS = 300

function plainText(families: readonly Family[], format: ExpositionFormat): string {
  const isOpen = format === 'openmetrics'
  const blocks = families.map((family) => {
    const { name, help, type } = family
    const isTotal = isOpen && type === 'counter' && name.endsWith('_total')
    const shownName = isTotal ? name.slice(0, -'_total'.length) : name
    const shownType = type === 'unknown' && !isOpen ? 'untyped' : type
    const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
    const lines = [...family.samples()].flatMap((sample) =>
      'value' in sample
        ? [`${series(name, sample.labels)} ${plainValue(sample.value)}`]
        : plainHistogram(name, sample, isOpen),
    )
    return [
      `# HELP ${shownName} ${isOpen ? escaped.replaceAll('"', '\\"') : escaped}`,
      `# TYPE ${shownName} ${shownType}`,
      ...lines,
      '',
    ].join('\n')
  })
  return blocks.join('') + (isOpen ? '# EOF\n' : '')
}

function plainHistogram(
  name: string,
  { labels, buckets, sum, count, exemplars = [] }: HistogramSample,
  isOpen: boolean,
): string[] {
  let below = -Infinity
  const bucket = (bound: number, le: string, value: number): string => {
    const own = [...exemplars].filter((each) => each.value > below && each.value <= bound)
    below = bound
    const newest = own.reduce<(typeof own)[number] | undefined>(
      (found, each) => (found && found.atSeconds > each.atSeconds ? found : each),
      undefined,
    )
    const text = joinLabels(labelText(labels), `le="${le}"` as LabelText)
    const trace =
      isOpen && newest
        ? ` # {trace_id="${newest.traceId}"} ${newest.value} ${newest.atSeconds}`
        : ''
    return `${series(`${name}_bucket`, text)} ${value}${trace}`
  }
  return [
    ...buckets.map(([bound, value]) =>
      bucket(bound, Number.isInteger(bound) ? `${bound}.0` : `${bound}`, value),
    ),
    bucket(Infinity, '+Inf', count),
    `${series(`${name}_sum`, labels)} ${plainValue(sum)}`,
    `${series(`${name}_count`, labels)} ${count}`,
  ]
}

function series(name: string, labels: Labels | LabelText): string {
  const text = typeof labels === 'string' ? labels : labelText(labels)
  return text === '' ? name : `${name}{${text}}`
}

function plainValue(value: number): string {
  return `${value}`.replace(/^(-?)Infinity$/, (_, sign: string) => `${sign || '+'}Inf`)
}

const NUMBERS = [
  ...[0, -0, 1, 9, 10, 11, 99, 100, 4_294_967_296, 999_999_999_999_999, 1e15, 1e21, -1, -1024],
  ...[Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 2 ** 53, -(2 ** 60), 0.1, -2.5, 1e-7],
  ...[Number.MAX_VALUE, Number.MIN_VALUE, Infinity, -Infinity, Number.NaN],
]
const TEXTS = [
  ...[
    '',
    'a',
    'topic-1',
    'with "quotes"',
    'back\\slash',
    'new\nline',
    'Grüße',
    '群組',
    '🙂',
    '\ud800',
  ],
  ...['\u0000', 'x'.repeat(249), `${'é'.repeat(200)}"`],
]

interface Draw {
  number(): number
  text(): string
  upTo(bound: number): number
}

function drawFrom(random: Random): Draw {
  const upTo = (bound: number): number => random.below(bound + 1)
  const one = <Value>(values: readonly Value[], other: Value): Value =>
    values[upTo(values.length - 1)] ?? other
  return {
    upTo,
    text: () => one(TEXTS, ''),
    number: () => (upTo(1) === 0 ? one(NUMBERS, 0) : upTo(10 ** upTo(14))),
  }
}

function drawLabels(draw: Draw): Labels {
  const names = ['topic', 'group', 'partition', 'le_not'].slice(0, draw.upTo(4))
  return Object.fromEntries(
    names.map((name) => [name, draw.upTo(2) === 0 ? draw.number() : draw.text()]),
  )
}

function drawHistogram(draw: Draw): HistogramSample {
  const bounds = [0.001, 0.5, 1, 2, 2.5, 10, 1e21].slice(0, draw.upTo(7))
  const values = [0.0005, 0.5, 0.7, 0.8, 1, 3, 1e22].slice(0, draw.upTo(7))
  const exemplars = values.map((value) => ({
    ...{ traceId: `${draw.upTo(1_000)}`, value, atSeconds: draw.upTo(3) + 0.25 },
  }))
  return {
    labels: drawLabels(draw),
    buckets: bounds.map((bound) => [bound, draw.number()] as const),
    ...{ sum: draw.number(), count: draw.number() },
    ...(draw.upTo(1) === 0 ? {} : { exemplars }),
  }
}

function drawFamily(draw: Draw, index: number): Family {
  const base = { help: draw.text(), labels: [], movedBy: 'here' }
  if (draw.upTo(3) === 0) {
    const histograms = Array.from({ length: draw.upTo(8) }, () => drawHistogram(draw))
    return { ...base, name: `h${index}_seconds`, type: 'histogram', samples: () => histograms }
  }
  const type = (['counter', 'gauge', 'unknown'] as const)[draw.upTo(2)] ?? 'gauge'
  const samples = Array.from({ length: draw.upTo(300) }, (): Sample => {
    const labels = drawLabels(draw)
    return { labels: draw.upTo(1) === 0 ? labels : labelText(labels), value: draw.number() }
  })
  const inRows = () =>
    new RowSamples(
      samples,
      ({ labels }) => (typeof labels === 'string' ? labels : labelText(labels)),
      ({ value }) => value,
    )
  const name = `n${index}${draw.upTo(1) === 0 ? '' : '_total'}`
  return { ...base, name, type, samples: draw.upTo(1) === 0 ? () => samples : inRows }
}

it.each(['prometheus', 'openmetrics'] as const)('%s is byte for byte that text', async (format) => {
  const buffer = new TextBuffer()
  const slices = new Slices(createSimTime())
  for (let seed = 0; seed < SEEDS; seed++) {
    const draw = drawFrom(seededRandom(seed))
    const families = Array.from({ length: draw.upTo(12) }, (_, index) => drawFamily(draw, index))
    const pieces: Buffer[] = []
    for await (const piece of renderFamilies(families, format, slices, buffer)) {
      pieces.push(Buffer.from(piece))
    }
    const isSame = Buffer.concat(pieces).equals(Buffer.from(plainText(families, format)))
    if (!isSame) {
      expect(Buffer.concat(pieces).toString(), `seed ${seed}`).toBe(plainText(families, format))
    }
    expect(isSame, `seed ${seed}`).toBe(true)
  }
})

it('a text that is longer than any piece comes whole', async () => {
  const help = `${'long \\ "help"\n'.repeat(20_000)}é`
  const family: Family = {
    ...{ name: 'n', help, type: 'gauge', labels: [], movedBy: 'here' },
    samples: () => [{ labels: { a: 'x'.repeat(300_000) }, value: 1 }],
  }
  const pieces: Buffer[] = []
  const buffer = new TextBuffer()
  for (const families of [[family], [family]]) {
    const slices = new Slices(createSimTime())
    for await (const piece of renderFamilies(families, 'openmetrics', slices, buffer)) {
      pieces.push(Buffer.from(piece))
    }
  }
  const text = plainText([family], 'openmetrics')
  expect(Buffer.concat(pieces).equals(Buffer.from(text + text))).toBe(true)
})
