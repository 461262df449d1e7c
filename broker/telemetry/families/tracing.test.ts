import { expect, it } from 'vitest'
import type { Sample } from '../family.ts'
import { tracingFamilies } from './tracing.ts'

function linesOf(tracing: Parameters<typeof tracingFamilies>[0]['tracing']): readonly string[] {
  return tracingFamilies({ tracing }).flatMap(({ name, samples }) =>
    [...(samples() as Iterable<Sample>)].map(({ labels, value }) =>
      [name, ...Object.values(labels), value].join(' '),
    ),
  )
}

it('counts what is traced and what becomes of it', () => {
  const requests = new Map([
    ['Produce', 3],
    ['Fetch', 1],
  ])
  const spanCounts = { exported: 12, dropped: 2 }
  expect(linesOf({ requests, records: 2, spanCounts })).toEqual([
    'glasslog_trace_requests_total Produce 3',
    'glasslog_trace_requests_total Fetch 1',
    'glasslog_trace_records_total 2',
    'glasslog_trace_spans_total exported 12',
    'glasslog_trace_spans_total dropped 2',
  ])
})

it('has nothing to count where nobody asks for traces', () => {
  expect(linesOf(null)).toEqual([])
})
