import type { EventReporter } from '../../events/index.ts'
import type { Family, Sample } from '../family.ts'

/** Every event by kind, whether or not it had a record of its own; and how writing them goes. */
export function eventFamilies(events: Pick<EventReporter, 'counts' | 'log'>): readonly Family[] {
  return [
    {
      name: 'glasslog_events_total',
      type: 'counter',
      help: 'Events that an operator may ask about, by kind: limits that were reached, damage, certificates. /v1/events says more of each.',
      labels: ['kind'],
      movedBy: 'broker/network-events.test.ts',
      *samples(): Iterable<Sample> {
        for (const [kind, value] of Object.entries(events.counts)) {
          yield { labels: { kind }, value }
        }
      },
    },
    {
      name: 'glasslog_event_records_written_total',
      type: 'counter',
      help: 'Records written to __events; one may stand for many events.',
      labels: [],
      movedBy: 'broker/telemetry/families/events.test.ts',
      *samples(): Iterable<Sample> {
        yield { labels: {}, value: events.log?.counts.written ?? 0 }
      },
    },
    {
      name: 'glasslog_event_records_dropped_total',
      type: 'counter',
      help: 'Records for __events that were dropped because too many waited for the disk. The log of the broker has them.',
      labels: [],
      movedBy: 'broker/telemetry/families/events.test.ts',
      *samples(): Iterable<Sample> {
        yield { labels: {}, value: events.log?.counts.dropped ?? 0 }
      },
    },
    {
      name: 'glasslog_event_records_waiting',
      type: 'gauge',
      help: 'Records for __events that wait to be written.',
      labels: [],
      movedBy: 'broker/telemetry/families/events.test.ts',
      *samples(): Iterable<Sample> {
        yield { labels: {}, value: events.log?.waiting ?? 0 }
      },
    },
  ]
}
