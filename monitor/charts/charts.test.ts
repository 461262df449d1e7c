import { crc32, inflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { NotifiedAlert } from '../../alerting/index.ts'
import { silentLogger } from '../../kit/index.ts'
import { createSimDisk, createSimTime } from '../../kit/testing.ts'
import { Labels } from '../promql/index.ts'
import { DEFAULT_STORE_OPTIONS, SeriesStore } from '../series/index.ts'
import { createAlertCharts } from './alert-chart.ts'
import { timeText, timeTicks, valueText, valueTicks } from './axes.ts'
import { Canvas } from './canvas.ts'
import { chartedExpression } from './charted-expression.ts'
import { encodePng } from './png.ts'
import { storeChartSource } from './store-chart-source.ts'

const MINUTE_MS = 60_000

interface Picture {
  readonly width: number
  readonly height: number
  /** `[red, green, blue]` of a pixel. */
  colorAt(x: number, y: number): readonly number[]
}

/** Reads a PNG of indexed colours by its specification: signature, chunks with their checksums, rows without filters. */
function readPng(bytes: Buffer): Picture {
  expect(bytes.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n')
  const chunks = new Map<string, Buffer>()
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at)
    const checked = bytes.subarray(at + 4, at + 8 + length)
    expect(bytes.readUInt32BE(at + 8 + length)).toBe(crc32(checked))
    chunks.set(checked.toString('latin1', 0, 4), checked.subarray(4))
    at += length + 12
  }
  expect([...chunks.keys()]).toEqual(['IHDR', 'PLTE', 'IDAT', 'IEND'])
  const header = chunks.get('IHDR') ?? Buffer.alloc(13)
  expect([...header.subarray(8)]).toEqual([8, 3, 0, 0, 0])
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)]
  const rows = inflateSync(chunks.get('IDAT') ?? Buffer.alloc(0))
  expect(rows).toHaveLength((width + 1) * height)
  const palette = chunks.get('PLTE') ?? Buffer.alloc(0)
  return {
    width,
    height,
    colorAt(x, y) {
      expect(rows[y * (width + 1)]).toBe(0)
      const index = rows[y * (width + 1) + 1 + x] ?? 0
      return [...palette.subarray(3 * index, 3 * index + 3)]
    },
  }
}

describe('a PNG', () => {
  it('has the pixels that were drawn', async () => {
    const canvas = new Canvas(4, 3)
    canvas.fill(1, 1, 2, 9, 1)
    canvas.line(-5, 0, 9, 0, 1, 2)
    const colors = [
      [255, 255, 255],
      [1, 2, 3],
      [200, 0, 0],
    ] as const
    const picture = readPng(await encodePng(4, 3, colors, canvas.pixels))
    expect(picture).toMatchObject({ width: 4, height: 3 })
    const rows = [0, 1, 2].map((y) => [0, 1, 2, 3].map((x) => picture.colorAt(x, y)[0]))
    expect(rows).toEqual([
      [200, 200, 200, 200],
      [255, 1, 1, 255],
      [255, 1, 1, 255],
    ])
  })

  it('has text that can be read', () => {
    const canvas = new Canvas(11, 7)
    canvas.text('17', 0, 0, 1, 1)
    const rows = Array.from({ length: 7 }, (_, y) =>
      Array.from(canvas.pixels.subarray(y * 11, y * 11 + 11), (one) => (one ? '#' : '.')).join(''),
    )
    expect(rows).toEqual([
      '..#...#####',
      '.##.......#',
      '..#......#.',
      '..#.....#..',
      '..#....#...',
      '..#....#...',
      '.###...#...',
    ])
    expect(Canvas.textWidth('17', 2)).toBe(22)
  })
})

describe('axes', () => {
  it.each([
    [0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [0, 87, [0, 20, 40, 60, 80, 100]],
    [0.001, 0.0042, [0.001, 0.002, 0.003, 0.004, 0.005]],
    [-3, 3, [-4, -2, 0, 2, 4]],
    [7, 7, [6, 8]],
  ])('cover %d to %d with round numbers', (lowest, highest, ticks) => {
    expect(valueTicks(lowest, highest, 5)).toEqual(ticks)
  })

  it.each([
    [0, '0'],
    [1000, '1k'],
    [12_500, '12.5k'],
    [-3_000_000, '-3M'],
    [0.05, '50m'],
    [2.5e-6, '2.5u'],
    [999_999_999_999, '1T'],
    [1e30, '1.0e30'],
  ])('say %d as %s', (value, text) => {
    expect(valueText(value)).toBe(text)
  })

  it('have round times', () => {
    const start = Date.parse('2026-03-20T22:07:00Z')
    const ticks = timeTicks(start, start + 4 * 60 * MINUTE_MS, 8)
    expect(ticks.map((ms) => timeText(ms, 30 * MINUTE_MS))).toEqual([
      ...['22:30', '23:00', '23:30', '03-21', '00:30', '01:00', '01:30', '02:00'],
    ])
    expect(timeText(start, 1_000)).toBe('22:07:00')
  })
})

describe('what is drawn of a condition', () => {
  it.each([
    ['lag > 100', 'lag', 100],
    ['100 < sum by (group) (lag)', 'sum by (group) (lag)', 100],
    ['(rate(errors_total[5m]) / 2 >= 0.5 * 10) and on () up == 1', 'rate(errors_total[5m]) / 2', 5],
    ['disk_free < -1', 'disk_free', -1],
    ['a > b', 'a > b', null],
    ['absent(up)', 'absent(up)', null],
    ['up unless (x > 1)', 'up', null],
  ])('%s', (condition, expression, threshold) => {
    expect(chartedExpression(condition)).toEqual({ expression, threshold })
  })
})

describe('the chart of an alert', () => {
  const startsAtMs = createSimTime().clock.now()
  const alert = (expression: string, labels: Record<string, string>): NotifiedAlert => ({
    ...{ fingerprint: 'f', labels: { alertname: 'Lag', ...labels }, annotations: {} },
    ...{ startsAtMs, endsAtMs: null, updatedAtMs: startsAtMs, dueAtMs: null, status: 'firing' },
    generatorUrl: `http://console/graph?g0.expr=${encodeURIComponent(expression)}`,
  })

  async function charts() {
    const time = createSimTime()
    const store = await SeriesStore.open(
      createSimDisk(),
      'm/series',
      DEFAULT_STORE_OPTIONS,
      silentLogger,
    )
    const names = ['a', 'b'].map((group) =>
      store.numberOf(
        Labels.from([
          ['__name__', 'lag'],
          ['group', group],
        ]),
      ),
    )
    for (let minute = -60; minute <= 30; minute++) {
      const values = Float64Array.of(minute > 0 ? 900 : 100, 500)
      store.append({ timeMs: startsAtMs + minute * MINUTE_MS, series: names.map(Number), values })
    }
    await time.advance(30 * MINUTE_MS)
    const { clock } = time
    return createAlertCharts({ source: storeChartSource(store, clock), clock })
  }

  it('shows its own series, the threshold, and since when it fires', async () => {
    const chart = await (await charts())(alert('lag > 700', { group: 'a' }))
    expect(chart).toMatchObject({
      contentType: 'image/png',
      description:
        'Chart of lag, threshold 700, from 2023-12-31T23:30:00.000Z to 2024-01-01T00:30:00.000Z',
    })
    const bytes = Buffer.from(chart?.bytes ?? [])
    expect(bytes.length).toBeLessThan(20_000)
    const picture = readPng(bytes)
    const columnAt = (share: number) => {
      const x = Math.round(96 + share * (1200 - 96 - 24))
      return Array.from({ length: 400 }, (_, y) => picture.colorAt(x, y).join())
    }
    const [line, shade, alarm] = ['31,111,180', '255,238,236', '200,40,40']
    const [before, after] = [columnAt(0.252), columnAt(0.756)]
    expect(before).not.toContain(shade)
    expect(after).toContain(shade)
    expect(before).toContain(alarm)
    // It is below the threshold at first, and above it later; the other group's series is not there.
    expect(before.indexOf(line)).toBeGreaterThan(before.indexOf(alarm))
    expect(after.indexOf(line)).toBeLessThan(after.indexOf(alarm))
    expect(before).not.toContain('217,119,6')
  })

  it('is not there without series, without a rule, or when it would need too much', async () => {
    const chartOf = await charts()
    expect(await chartOf(alert('nothing > 1', {}))).toBe(null)
    expect(await chartOf({ ...alert('lag', {}), generatorUrl: '' })).toBe(null)
    await expect(chartOf(alert('lag > > 1', {}))).rejects.toThrow()
  })
})
