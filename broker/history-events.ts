import type { HistoryRecord, Json, JsonObject } from '../audit/index.ts'
import type { ControlPlane, Observation } from './control/index.ts'
import type { BrokerEvent, ReportEvent } from './events/index.ts'

/**
 * Reports what goes into the history and matters today: logins that fail, what is denied, and
 * configurations that came into effect, and steps of the disk policy that came to their end. Answers how to stop.
 */
export function reportHistory(control: ControlPlane, report: ReportEvent): () => void {
  const tell = (event: BrokerEvent | null): void => {
    if (event) report(event)
  }
  const stopObserving = control.onObserved((observation) => tell(eventOfObservation(observation)))
  const stopReading = control.history.subscribe((entries) => {
    for (const { record } of entries) tell(eventOfRecord(record))
  })
  return () => {
    stopObserving()
    stopReading()
  }
}

/** Null for what was allowed, and for what the network tells itself. */
export function eventOfObservation(observation: Observation): BrokerEvent | null {
  const { operation, actor, decision, resource, outcome } = observation
  if (decision.allowed || decision.rule === 'tls-failed') return null
  const { ip: address, listener } = actor.source
  if (operation !== 'login') return denial(observation, address, listener)
  return {
    ...{ kind: 'login-failed', address, listener },
    principal: resource.name,
    mechanism: actor.mechanism,
    detail: outcome.message ?? outcome.code,
  }
}

/** What records of configurations are about. */
const CONFIGURED: ReadonlySet<string> = new Set([
  'topic.config.alter',
  'topic.quota.alter',
  'broker.config.alter',
  'quota.alter',
  'listener.alter',
  'disk.capacity.alter',
  'retention-policy.alter',
])

function eventOfRecord(record: HistoryRecord): BrokerEvent | null {
  const { operation, actor, source, decision, resource, outcome, request, seq } = record
  // Observations were told when they were made; their records come a minute later.
  if (operation === 'login' || operation === 'access' || isAggregate(request)) return null
  if (!decision.allowed) return denial(record, source.ip, source.listener)
  if (outcome.code !== 'NONE') return null
  if (operation === 'disk.action.end') return endOfStep(record)
  if (!CONFIGURED.has(operation)) return null
  const target = `${resource.kind} ${resource.name}`.trim()
  return { kind: 'config-applied', target, operation, principal: actor.principal, seq }
}

/** What the monitor reported is in `after.to`; its members are the monitor's, and may be missing. */
function endOfStep({ after, seq }: HistoryRecord): BrokerEvent {
  const { phase, action, detail, ...sizes } = membersOf(membersOf(after).to ?? null)
  const unit = sizes.toBytes === undefined ? 'percent' : 'bytes'
  const [from, to] =
    unit === 'bytes' ? [sizes.fromBytes, sizes.toBytes] : [sizes.fromPercent, sizes.toPercent]
  return {
    kind: phase === 'done' ? 'disk-step-done' : 'disk-step-failed',
    ...{ step: String(action), from: Number(from), to: Number(to), unit, seq },
    detail: String(detail),
  }
}

const isAggregate = (request: Json): boolean => membersOf(request).firstAt !== undefined

interface Denied extends Pick<Observation, 'operation' | 'resource'> {
  readonly actor: { readonly principal: string }
  readonly request?: Json
  readonly outcome: Observation['outcome']
}

function denial(
  { operation, actor, resource, request, outcome }: Denied,
  address: string,
  listener: string,
): BrokerEvent {
  // Access to data says in its request or its message what was wanted; a command is its own name.
  const wanted = membersOf(request ?? null).operation ?? outcome.message?.split(' ', 1)[0]
  return {
    ...{ kind: 'access-denied', address, listener, principal: actor.principal },
    action: operation === 'access' ? String(wanted) : operation,
    target: `${resource.kind} ${resource.name}`.trim(),
  }
}

function membersOf(json: Json): JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
    ? (json as JsonObject)
    : {}
}
