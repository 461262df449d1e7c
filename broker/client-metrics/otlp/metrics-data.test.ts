import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../kit/index.ts'
import { encodeMessage, encodeMetricsData } from '../testing.ts'
import { readMetricsData } from './metrics-data.ts'
import { ProtobufError } from './protobuf-reader.ts'
import { withResourceAttributes } from './resource-attributes.ts'

const tiny = Buffer.from('1200', 'hex')

function pointsIn(bytes: Buffer): readonly string[] {
  const points: string[] = []
  readMetricsData(bytes, (...point) => points.push(point.join(' ')))
  return points
}

const wrap = (tag: number, bytes: Buffer): Buffer => {
  const size: number[] = []
  let rest = bytes.length
  for (; rest >= 0x80; rest >>>= 7) size.push((rest & 0x7f) | 0x80)
  return Buffer.concat([Buffer.from([tag, ...size, rest]), bytes])
}

const metric = (name: string, data: object) => ({
  resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name, ...data }] }] }],
})

describe('reading MetricsData', () => {
  it('tells numbers of gauges and sums, whole or not', () => {
    const bytes = encodeMetricsData([
      { name: 'gauge', value: 1.5 },
      { name: 'whole', value: -3, isInteger: true },
      { name: 'since', value: 7, sum: 'delta' },
      { name: 'total', value: 9, sum: 'cumulative', isInteger: true },
    ])
    expect(pointsIn(bytes)).toEqual([
      'gauge 1.5 gauge',
      'whole -3 gauge',
      'since 7 delta',
      'total 9 cumulative',
    ])
  })

  it('leaves out what has no value, and what is no single number', () => {
    const dataPoints = [
      { asDouble: Number.NaN },
      { asDouble: Infinity },
      { asDouble: 1, flags: 1 },
      {},
    ]
    expect(pointsIn(encodeMessage(metric('none', { gauge: { dataPoints } })))).toEqual([])
    const histogram = { dataPoints: [{ count: 3, bucketCounts: [1, 2] }] }
    expect(pointsIn(encodeMessage(metric('many', { histogram })))).toEqual([])
  })

  it.each([
    ['a field past its end', '0a05'],
    ['a number without an end', '08ffffff'],
    ['a number of eleven bytes', `08${'ff'.repeat(11)}`],
    ['a group', '0b'],
    ['a wire type that there is not', '0f'],
    ['field zero', '0200'],
    ['a number where a message belongs', '0801'],
    ['text for a double', '0a0a12081206 2a040a022100'.replaceAll(' ', '')],
  ])('refuses %s', (_, hex) => {
    expect(() => pointsIn(Buffer.from(hex, 'hex'))).toThrow(ProtobufError)
  })

  it('refuses more metrics than a client has, and more points', () => {
    const many = Buffer.concat(new Array<Buffer>(5_000).fill(tiny))
    expect(() => pointsIn(wrap(0x0a, wrap(0x12, many)))).toThrow('metrics')
    const points = Buffer.concat(new Array<Buffer>(20_000).fill(Buffer.from('0a00', 'hex')))
    const gauge = wrap(0x2a, points)
    expect(() => pointsIn(wrap(0x0a, wrap(0x12, wrap(0x12, gauge))))).toThrow('points')
  })

  it('refuses more resources than a client has metrics, each of which would be told whose it is', () => {
    const empty = new Array<Buffer>(5_000).fill(Buffer.from('0a00', 'hex'))
    expect(() => pointsIn(Buffer.concat(empty))).toThrow('resources')
    expect(pointsIn(Buffer.concat(empty.slice(0, 4_000)))).toEqual([])
    const scopes = Buffer.concat(new Array<Buffer>(20_000).fill(tiny))
    expect(() => pointsIn(wrap(0x0a, scopes))).toThrow('fields of resources')
  })

  it('answers or refuses whatever bytes it is given', () => {
    const random = seededRandom(11)
    const sound = encodeMetricsData([
      { name: 'a', value: 1, attributes: { node: '1' } },
      { name: 'b', value: 2, sum: 'delta' },
    ])
    for (let round = 0; round < 20_000; round++) {
      const bytes = Buffer.from(sound)
      for (let flips = random.below(4) + 1; flips > 0; flips--) {
        bytes[random.below(bytes.length)] = random.below(256)
      }
      const cut = bytes.subarray(0, random.below(bytes.length + 1))
      try {
        pointsIn(cut)
        withResourceAttributes(cut, { who: 'x' })
      } catch (error) {
        expect(error).toBeInstanceOf(ProtobufError)
      }
    }
  })
})
