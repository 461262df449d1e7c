import type { Cancel, Clock, Timers } from '../../kit/index.ts'
import { abbreviate } from '../../kit/index.ts'
import type { BrokerEvent, EventKind } from './broker-event.ts'
import { eventKindNames, rowOf } from './event-kinds.ts'
import type { EventLog } from './event-log.ts'
import type { EventSink } from './event-report.ts'
import type { EventResource } from './kinds/event-kind-row.ts'

/** For how long events of one kind about one resource are counted together. */
export const WINDOW_MS = 60_000
/** Resources of one kind of event that are told apart at a time; those beyond are counted as several. */
export const MAX_RESOURCES = 32
/** Texts hold what strangers sent. */
const MAX_TEXT_LENGTH = 500
const SEVERAL = '(several)'

export interface EventReporterOptions {
  readonly clock: Clock
  readonly timers: Timers
  readonly sinks: readonly EventSink[]
  /** Where the sinks write reports; null when they are kept nowhere. */
  readonly log?: EventLog | null
}

/** Events of one kind about one resource. */
interface Group {
  latest: BrokerEvent
  readonly resource: EventResource
  /** Those that no sink has heard of yet. */
  count: number
  firstAtMs: number
  lastAtMs: number
}

/**
 * Tells the first event of a kind about a resource at once, and how many followed it once a minute,
 * for as long as they do. So nobody fills a log by doing the same thing again, and what is kept in
 * memory is bounded by the number of kinds.
 */
export class EventReporter {
  /** Every event that was reported, by kind; these only grow. */
  readonly counts: Record<EventKind, number>
  readonly log: EventLog | null
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #sinks: readonly EventSink[]
  readonly #groups = new Map<EventKind, Map<string, Group>>()
  #cancel: Cancel | undefined

  constructor({ clock, timers, sinks, log = null }: EventReporterOptions) {
    this.log = log
    this.#clock = clock
    this.#timers = timers
    this.#sinks = sinks
    this.counts = Object.fromEntries(eventKindNames.map((kind) => [kind, 0])) as Record<
      EventKind,
      number
    >
  }

  readonly report = (event: BrokerEvent): void => {
    this.counts[event.kind]++
    const nowMs = this.#clock.now()
    let groups = this.#groups.get(event.kind)
    if (!groups) {
      groups = new Map()
      this.#groups.set(event.kind, groups)
    }
    const resource = rowOf(event).resourceOf(event)
    const isKnown = groups.has(resource.name)
    const name = isKnown || groups.size < MAX_RESOURCES ? resource.name : SEVERAL
    const group = groups.get(name)
    if (group) {
      if (group.count === 0) group.firstAtMs = nowMs
      group.count++
      group.lastAtMs = nowMs
      group.latest = event
      return
    }
    const begun = { latest: event, resource: { kind: resource.kind, name }, count: 1 }
    const first = { ...begun, firstAtMs: nowMs, lastAtMs: nowMs }
    groups.set(name, first)
    this.#tell(first)
    this.#cancel ??= this.#timers.after(WINDOW_MS, () => this.#endWindow())
  }

  /** Tells what was only counted until now. */
  flush(): void {
    for (const group of this.#all()) if (group.count > 0) this.#tell(group)
  }

  /** The same, and nothing is counted together any more. */
  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.flush()
    this.#groups.clear()
  }

  #endWindow(): void {
    this.#cancel = undefined
    for (const [kind, groups] of this.#groups) {
      for (const [name, group] of groups) {
        if (group.count > 0) this.#tell(group)
        else groups.delete(name)
      }
      if (groups.size === 0) this.#groups.delete(kind)
    }
    if (this.#groups.size > 0) {
      this.#cancel = this.#timers.after(WINDOW_MS, () => this.#endWindow())
    }
  }

  #tell(group: Group): void {
    const { latest, resource, count, firstAtMs, lastAtMs } = group
    group.count = 0
    const { severity, explain, remedy } = rowOf(latest)
    const report = {
      ...{ kind: latest.kind, severity, remedy, count, firstAtMs, lastAtMs },
      resource: { kind: resource.kind, name: abbreviate(resource.name, MAX_TEXT_LENGTH) },
      explanation: abbreviate(explain(latest), MAX_TEXT_LENGTH),
      facts: factsOf(latest),
    }
    for (const sink of this.#sinks) sink(report)
  }

  *#all(): Generator<Group> {
    for (const groups of this.#groups.values()) yield* groups.values()
  }
}

function factsOf({ kind, ...facts }: BrokerEvent): Readonly<Record<string, string | number>> {
  const cut = (fact: string | number): string | number =>
    typeof fact === 'string' ? abbreviate(fact, MAX_TEXT_LENGTH) : fact
  return Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, cut(fact)]))
}
