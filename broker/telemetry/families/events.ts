import type { EventKind } from '../../events/index.ts'
import type { Family, Sample } from '../family.ts'

/** Every event by kind, whether or not it had a line in the log of its own. */
export function eventFamilies(events: {
  readonly counts: Readonly<Record<EventKind, number>>
}): readonly Family[] {
  return [
    {
      name: 'glasslog_events_total',
      type: 'counter',
      help: 'Events that an operator may ask about, by kind: limits that were reached, damage, certificates. The log says more of each.',
      labels: ['kind'],
      movedBy: 'broker/network-events.test.ts',
      *samples(): Iterable<Sample> {
        for (const [kind, value] of Object.entries(events.counts)) {
          yield { labels: { kind }, value }
        }
      },
    },
  ]
}
