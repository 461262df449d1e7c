import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace'
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace'
import { expect, it } from 'vitest'
import { silentLogger } from '../../kit/index.ts'
import { CountedExporter, CountedProcessor, MAX_WAITING_SPANS } from './counted-export.ts'

const span = { spanContext: () => ({ traceFlags: 1 }) } as unknown as ReadableSpan

type Answer = Parameters<SpanExporter['export']>[1]

/** A collector that answers when it is told to. */
function heldExporter() {
  const waiting: Answer[] = []
  const exporter: SpanExporter = {
    export: (_, onExported) => void waiting.push(onExported),
    forceFlush: async () => {},
    shutdown: async () => {},
  }
  return { exporter, waiting }
}

it('lets only so many spans wait for a collector that does not answer', () => {
  const { exporter } = heldExporter()
  const counted = new CountedExporter(exporter, silentLogger)
  const batches = new BatchSpanProcessor({
    exporter: counted,
    maxQueueSize: 10 * MAX_WAITING_SPANS,
  })
  const processor = new CountedProcessor(batches, counted)
  for (let count = 0; count < MAX_WAITING_SPANS + 7; count++) processor.onEnd(span)
  expect(processor.refused).toBe(7)
})

it('counts spans by what the collector said', () => {
  const { exporter, waiting } = heldExporter()
  const counted = new CountedExporter(exporter, silentLogger)
  const answers: number[] = []
  counted.export([span, span], ({ code }) => answers.push(code))
  counted.export([span], ({ code }) => answers.push(code))
  waiting[0]?.({ code: 0 })
  waiting[1]?.({ code: 1, error: new Error('away') })
  expect([counted.exported, counted.failed, answers]).toEqual([2, 1, [0, 1]])
})
