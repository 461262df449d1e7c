import type { Alert } from '../alerts/alert.ts'
import type { Fingerprint } from '../alerts/label-set.ts'
import type { Operation } from '../operation.ts'
import type { Silence } from '../silences/silence.ts'
import type { Ticket } from '../tickets/ticket.ts'
import type { Acknowledgement } from './acknowledgement.ts'
import type { Channel } from './channel.ts'
import { channelKey } from './channel.ts'
import { DeliveryLog } from './delivery-log.ts'
import type { AlertingEvent, ChannelDue, ChannelTold } from './event.ts'

/** What alerting remembers. Changes by `apply` alone, so that folding the same events gives the same state. */
export class AlertingState {
  readonly #alerts = new Map<Fingerprint, Alert>()
  readonly #silences = new Map<string, Silence>()
  readonly #acknowledgements = new Map<Fingerprint, Acknowledgement>()
  readonly #channels = new Map<string, Channel>()
  readonly #tickets = new Map<string, Ticket>()
  readonly #operations = new Map<string, Operation>()
  readonly deliveries = new DeliveryLog()
  /** Rises whenever an alert starts, changes or ends. */
  changeCount = 0

  get alerts(): ReadonlyMap<Fingerprint, Alert> {
    return this.#alerts
  }

  get silences(): ReadonlyMap<string, Silence> {
    return this.#silences
  }

  get acknowledgements(): ReadonlyMap<Fingerprint, Acknowledgement> {
    return this.#acknowledgements
  }

  /** Of which the history has yet to hear, by id. */
  get operations(): ReadonlyMap<string, Operation> {
    return this.#operations
  }

  get channels(): ReadonlyMap<string, Readonly<Channel>> {
    return this.#channels
  }

  get tickets(): ReadonlyMap<string, Ticket> {
    return this.#tickets
  }

  apply(event: AlertingEvent): void {
    switch (event.kind) {
      case 'alert':
        this.#alerts.set(event.alert.fingerprint, event.alert)
        this.changeCount++
        break
      case 'alert-ended':
        this.#endAlert(event.fingerprint, event.endsAtMs)
        break
      case 'alerts-gone':
        removeAll(this.#alerts, event.fingerprints)
        break
      case 'silence':
        this.#silences.set(event.silence.id, event.silence)
        break
      case 'silences-gone':
        removeAll(this.#silences, event.ids)
        break
      case 'acknowledged':
        this.#acknowledgements.set(event.acknowledgement.fingerprint, event.acknowledgement)
        break
      case 'acknowledgements-gone':
        removeAll(this.#acknowledgements, event.fingerprints)
        break
      case 'due':
        this.#makeDue(event)
        break
      case 'told':
        this.#tell(event)
        break
      case 'settled':
        this.#settle(event.channel, event.fingerprints)
        break
      case 'dropped':
        this.#drop(event.channel)
        break
      case 'channels-gone':
        removeAll(this.#channels, event.channels)
        break
      case 'channel': {
        const { firing, resolved, owed, ...rest } = event.channel
        const key = channelKey(rest)
        this.#channels.set(key, {
          ...rest,
          key,
          firing: new Set(firing),
          resolved: new Set(resolved),
          owed: new Set(owed),
        })
        break
      }
      case 'delivery':
        this.deliveries.set(event.delivery)
        break
      case 'ticket':
        this.#tickets.set(event.ticket.id, event.ticket)
        break
      case 'tickets-gone':
        removeAll(this.#tickets, event.ids)
        break
      case 'operation':
        this.#operations.set(event.operation.id, event.operation)
        break
      case 'operations-gone':
        removeAll(this.#operations, event.ids)
        break
      default:
        event satisfies never
    }
  }

  /** Events that lead from nothing to this state. */
  *snapshot(): Iterable<AlertingEvent> {
    for (const alert of this.#alerts.values()) yield { kind: 'alert', alert }
    for (const silence of this.#silences.values()) yield { kind: 'silence', silence }
    for (const acknowledgement of this.#acknowledgements.values())
      yield { kind: 'acknowledged', acknowledgement }
    for (const { key: _, firing, resolved, owed, ...rest } of this.#channels.values()) {
      const sets = { firing: [...firing], resolved: [...resolved], owed: [...owed] }
      yield { kind: 'channel', channel: { ...rest, ...sets } }
    }
    for (const delivery of this.deliveries.all()) yield { kind: 'delivery', delivery }
    for (const ticket of this.#tickets.values()) yield { kind: 'ticket', ticket }
    for (const operation of this.#operations.values()) yield { kind: 'operation', operation }
  }

  #endAlert(fingerprint: Fingerprint, endsAtMs: number): void {
    const alert = this.#alerts.get(fingerprint)
    if (alert) this.#alerts.set(fingerprint, { ...alert, endsAtMs })
    this.changeCount++
  }

  #makeDue({ channel: identity, thread, owed, reason, atMs }: ChannelDue): void {
    const key = channelKey(identity)
    const channel = this.#channels.get(key) ?? newChannel(key, identity, thread)
    channel.owed = new Set([...channel.owed, ...owed])
    // The oldest reason stays, for nobody has heard of it yet; news make more than a repeat of it.
    const isBetter = channel.due === null || channel.due.reason === 'repeat'
    if (isBetter) channel.due = { reason, sinceMs: channel.due?.sinceMs ?? atMs }
    this.#channels.set(key, channel)
    for (const fingerprint of owed) {
      const alert = this.#alerts.get(fingerprint)
      if (alert && alert.dueAtMs === null)
        this.#alerts.set(fingerprint, { ...alert, dueAtMs: atMs })
    }
  }

  #tell({ channel: key, firing, resolved, atMs, isRepeat, isComplete }: ChannelTold): void {
    const channel = this.#channels.get(key)
    if (!channel) return
    channel.firing = new Set(firing)
    channel.resolved = new Set(resolved)
    channel.owed = without(channel.owed, [...firing, ...resolved])
    channel.due = isComplete
      ? null
      : { reason: 'new-alerts', sinceMs: channel.due?.sinceMs ?? atMs }
    channel.toldAtMs = atMs
    channel.repeats = isRepeat ? channel.repeats + 1 : 0
    channel.sequence++
  }

  #drop(key: string): void {
    const channel = this.#channels.get(key)
    if (!channel) return
    channel.owed = new Set()
    channel.due = null
  }

  #settle(key: string, fingerprints: readonly Fingerprint[]): void {
    const channel = this.#channels.get(key)
    if (!channel) return
    channel.firing = without(channel.firing, fingerprints)
    channel.resolved = without(channel.resolved, fingerprints)
    channel.owed = without(channel.owed, fingerprints)
  }
}

function newChannel(
  key: string,
  identity: Channel | ChannelDue['channel'],
  thread: string,
): Channel {
  const { groupKey, groupLabels, receiver, integration, escalationStep } = identity
  return {
    key,
    groupKey,
    groupLabels,
    receiver,
    integration,
    escalationStep,
    thread,
    firing: new Set(),
    resolved: new Set(),
    owed: new Set(),
    due: null,
    toldAtMs: null,
    repeats: 0,
    sequence: 0,
  }
}

function removeAll<K>(map: Map<K, unknown>, keys: readonly K[]): void {
  for (const key of keys) map.delete(key)
}

function without<T>(set: ReadonlySet<T>, removed: readonly T[]): ReadonlySet<T> {
  const left = new Set(set)
  for (const one of removed) left.delete(one)
  return left
}
