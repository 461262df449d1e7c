import { describe, expect, it } from 'vitest'
import { loads } from '../loads/index.ts'
import {
  canRunKafkaTools,
  parseConsumerOutput,
  parseLatencyOutput,
  parseProducerOutput,
} from './kafka-tools.ts'

describe("Kafka's own tools", () => {
  it('can do the loads that a producer or consumer with defaults does', () => {
    expect(loads.filter(canRunKafkaTools).map(({ name }) => name)).toEqual([
      'produce-1k',
      'produce-100b',
      'produce-100-partitions',
      'consume-start',
      'latency',
    ])
  })

  it('reads the summary of the producer tool, not its progress', () => {
    const output = [
      '401 records sent, 80.2 records/sec (0.08 MB/sec), 20.0 ms avg latency, 300.0 ms max latency.',
      '1000000 records sent, 51234.5 records/sec (50.03 MB/sec), 5.51 ms avg latency, 345.00 ms max latency, 3 ms 50th, 17 ms 95th, 40 ms 99th, 61 ms 99.9th.',
    ].join('\n')
    expect(parseProducerOutput(output)).toEqual({
      recordsPerSecond: 51234.5,
      latencyMs: { p50: 3, p99: 40, p999: 61 },
    })
  })

  it('reads the fetch rate of the consumer tool', () => {
    const output = [
      'start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec',
      '2026-01-02 10:00:00:000, 2026-01-02 10:00:05:000, 976.5625, 195.3125, 1000000, 200000.0000, 3200, 1800, 542.5347, 555555.5556',
    ].join('\n')
    expect(parseConsumerOutput(output).recordsPerSecond).toBe(555555.5556)
  })

  it('reads mean and percentiles of the latency tool', () => {
    const output = '0\t9.1\nAvg latency: 0.8123 ms\n\nPercentiles: 50th = 0, 99th = 2, 99.9th = 7\n'
    expect(parseLatencyOutput(output)).toEqual({
      latencyMs: { p50: 0, p99: 2, p999: 7 },
      figures: { 'mean ms': 0.8123 },
    })
  })

  it('claims nothing when there is no summary', () => {
    expect(() => parseProducerOutput('Exception')).toThrow('no summary')
    expect(() => parseConsumerOutput('')).toThrow('no summary')
    expect(() => parseLatencyOutput('')).toThrow('no summary')
  })
})
