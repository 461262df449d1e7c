import type { Tracing } from '../../tracing/index.ts'
import type { Family, Sample } from '../family.ts'

const MOVED_BY = 'broker/telemetry/families/tracing.test.ts'

/** What is traced, and what became of the spans. Without a collector there is nothing to count. */
export function tracingFamilies(sources: {
  readonly tracing: Pick<Tracing, 'requests' | 'records' | 'spanCounts'> | null
}): readonly Family[] {
  return [
    {
      ...{ name: 'glasslog_trace_requests_total', type: 'counter', labels: ['api'] },
      help: 'Requests that were traced: by their turn, or because of a record that its producer traces.',
      movedBy: MOVED_BY,
      *samples(): Iterable<Sample> {
        for (const [api, value] of sources.tracing?.requests ?? []) yield { labels: { api }, value }
      },
    },
    {
      ...{ name: 'glasslog_trace_records_total', type: 'counter', labels: [] },
      help: 'Records that were appended with the context of a trace, and followed from there.',
      movedBy: MOVED_BY,
      *samples(): Iterable<Sample> {
        if (sources.tracing) yield { labels: {}, value: sources.tracing.records }
      },
    },
    {
      ...{ name: 'glasslog_trace_spans_total', type: 'counter', labels: ['outcome'] },
      help: 'Spans on their way to the collector: exported, or dropped because it was away or too slow.',
      movedBy: MOVED_BY,
      *samples(): Iterable<Sample> {
        const counts = sources.tracing?.spanCounts
        if (!counts) return
        for (const [outcome, value] of Object.entries(counts)) yield { labels: { outcome }, value }
      },
    },
  ]
}
