import { eventKindNames, eventKinds } from '../../broker/events/index.ts'
import { page, table } from './markdown.ts'

const INTRODUCTION = `What an operator would ask about afterwards is an event: told at once, with what to do. Each is a line of the
broker's log, a record of the topic \`__events\`, and counted in \`glasslog_events_total\`.

- **Told once, then counted.** The first event of a kind about a resource is told at once; those that follow
  within a minute are one record with their \`count\`. Of one kind 32 resources are told apart at a time, and the
  rest are counted as \`(several)\`. So nobody can flood it.
- **Read it** with \`GET /v1/events\` (filters, pages, and live with \`Accept: text/event-stream\`), at a terminal with
  \`glasslog events list\` and \`glasslog events tail\`, or with any Kafka client that may READ the topic \`__events\`. The key of
  a record is the kind; headers have kind and severity; the value is JSON.
- **Kept** for 7 days and at most 512 MiB. Like the history the topic is built in: nobody can write to it, delete it or
  configure it. It is written below the floor of a full disk as well.
- **Never in the way.** Who causes an event waits for nothing. Up to 1024 records wait for a slow disk; beyond that they are
  dropped, counted (\`glasslog_event_records_dropped_total\`) and still in the log of the broker.`

/** docs/events.md: every kind of event, when it is told, and what to do. */
export function renderEvents(): string {
  const rows = [...eventKindNames].sort().map((kind) => {
    const { severity, when, remedy, configs } = eventKinds[kind]
    const limits = configs.map((config) => `\`${config}\``).join(', ')
    return [`\`${kind}\``, severity, when, remedy, limits]
  })
  return page(
    'Events',
    INTRODUCTION,
    table(['Kind', 'Severity', 'When', 'What to do', 'Limits'], rows),
  )
}
