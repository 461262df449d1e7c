import { expect, it } from 'vitest'
import { parseCounted } from './java-client.ts'

it('reads what the program counted as rates of its measured time', () => {
  const line =
    '{"seconds":2.000000,"written":500,"read":400,"latencyMs":{"p50":1.5,"p99":2.5,"p999":3.5}}'
  expect(parseCounted(line)).toEqual({
    seconds: 2,
    writtenPerSecond: 250,
    readPerSecond: 200,
    latencyMs: { p50: 1.5, p99: 2.5, p999: 3.5 },
  })
})

it('has no latency where consumers did not catch up', () => {
  const line = '{"seconds":1.000000,"written":5,"read":4,"latencyMs":null}'
  expect(parseCounted(line).latencyMs).toBeNull()
})
