import { Type } from 'typebox'
import type { EventRecord } from '../../events/index.ts'
import { EVENT_RESOURCE_KINDS, EVENT_SEVERITIES } from '../../events/index.ts'
import { closed, oneOf, time, wholeNumber } from '../http/schema.ts'

/** An event as the API shows it. */
export const event = closed(
  {
    id: wholeNumber('Its offset in `__events`; grows with time.'),
    at: time('When it was told.'),
    kind: Type.String({ description: 'docs/events.md lists them.' }),
    severity: oneOf(EVENT_SEVERITIES, {
      description: '`error` means that data or service is in danger.',
    }),
    resource: closed({
      kind: oneOf(EVENT_RESOURCE_KINDS),
      name: Type.String({
        description:
          'Empty for the broker; `(several)` when more had such events than are told apart.',
      }),
    }),
    explanation: Type.String({ description: 'What happened, in a sentence.' }),
    remedy: Type.String({ description: 'What to do about it.' }),
    facts: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]), {
      description: 'What the explanation is made of, for programs.',
    }),
    count: wholeNumber(
      'How many there were since the one before of this kind about this resource.',
    ),
    firstAt: time('When the first of them happened.'),
    lastAt: time('When the last of them happened.'),
  },
  { title: 'Event' },
)

/** Made of what the broker wrote itself, so that its texts are what the schema says. */
export type EventView = ReturnType<typeof viewEvent>

export function viewEvent(id: number, record: EventRecord) {
  const { schema: _, severity, resource, ...rest } = record
  const known = EVENT_SEVERITIES.find((one) => one === severity) ?? 'info'
  const kind = EVENT_RESOURCE_KINDS.find((one) => one === resource.kind) ?? 'broker'
  return { id, ...rest, severity: known, resource: { kind, name: resource.name } }
}
