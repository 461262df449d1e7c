import type { Clock, Logger, Random } from '../../kit/index.ts'
import type { Alert } from '../alerts/alert.ts'
import type { AlertingConfig } from '../config/config.ts'
import type { AttemptInfo, Parcel, Sender } from '../delivery/courier.ts'
import { Courier } from '../delivery/courier.ts'
import type { Notification } from '../delivery/notification.ts'
import { createNotification } from '../delivery/notification.ts'
import type { Notifier, Outcome } from '../delivery/notifier.ts'
import { Inhibitor } from '../routing/inhibitor.ts'
import type { Silencer } from '../silences/silencer.ts'
import type { Channel } from '../state/channel.ts'
import { channelKey } from '../state/channel.ts'
import type { Delivery } from '../state/delivery-log.ts'
import type { StateLog } from '../state/state-log.ts'
import { AlertGroups } from './alert-groups.ts'
import { composeContent, decideChannel, isDoneWith, nextEscalationAtMs } from './decide.ts'
import { deliveryOf } from './delivery-of.ts'
import type { ChannelPlan, Group, Member } from './group.ts'
import { plansFor } from './group.ts'
import { endUnrepeated, forgetAcknowledgements } from './intake.ts'
import { Judge } from './judge.ts'
import { rememberOrphans, settleOrphans } from './orphans.ts'

/** What the configuration in effect makes of receivers. */
export interface Contacts {
  readonly config: AlertingConfig
  /** By `notifierKey`. */
  readonly notifiers: ReadonlyMap<string, Notifier>
}

export interface DispatcherParts {
  readonly log: StateLog
  readonly silencer: Silencer
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly externalUrl: string
  readonly onDelivery: (delivery: Delivery) => void
}

/** After that a notification that nobody takes is given up, and the delivery log says so. */
const GIVE_UP_AFTER_MS = 72 * 3_600_000

/** Alerts end by the clock too. */
const INHIBITOR_LIFE_MS = 1_000

export function notifierKey(receiver: string, integration: string): string {
  return JSON.stringify([receiver, integration])
}

/** Looks at groups when their time has come, and gives what must be told to the courier. */
export class Dispatcher implements Sender {
  readonly #parts: DispatcherParts
  readonly #courier: Courier
  #contacts: Contacts
  #groups: AlertGroups
  /** Keys of channels that the configuration does not have. */
  #orphans = new Set<string>()
  /** Made from all alerts, so it is used again while none of them changes. */
  #inhibitor: { inhibitor: Inhibitor; changeCount: number; madeAtMs: number } | null = null

  constructor(parts: DispatcherParts, contacts: Contacts) {
    this.#parts = parts
    this.#contacts = contacts
    this.#groups = new AlertGroups(contacts.config.route)
    this.#courier = new Courier(this, parts.clock, parts.random)
    this.configure(contacts)
  }

  get groups(): AlertGroups {
    return this.#groups
  }

  get waitingCount(): number {
    return this.#courier.waitingCount
  }

  /** Puts all alerts where the configuration wants them; what was told is remembered where groups stay the same. */
  configure(contacts: Contacts): void {
    const { log, clock } = this.#parts
    const nowMs = clock.now()
    this.#contacts = contacts
    this.#inhibitor = null
    this.#groups = new AlertGroups(contacts.config.route)
    for (const alert of log.state.alerts.values()) this.#groups.add(alert, nowMs)
    this.#courier.reset()
    const known = new Set<string>()
    for (const group of this.#groups.all()) {
      for (const plan of this.#plans(group)) this.#resume(group, plan, known, nowMs)
    }
    this.#orphans = rememberOrphans(log, known, nowMs)
  }

  #resume(group: Group, plan: ChannelPlan, known: Set<string>, nowMs: number): void {
    const key = channelKey(plan.identity)
    const channel = this.#parts.log.state.channels.get(key)
    known.add(key)
    if (!channel) return
    if (channel.due) this.#enqueue(plan)
    if (channel.toldAtMs !== null) {
      const nextMs = channel.toldAtMs + group.route.groupIntervalMs
      group.nextFlushAtMs = Math.max(nowMs, Math.min(nextMs, nowMs + group.route.groupIntervalMs))
    }
  }

  add(alert: Alert): void {
    this.#groups.add(alert, this.#parts.clock.now())
  }

  judge(): Judge {
    const { log, silencer, clock } = this.#parts
    const { config } = this.#contacts
    const nowMs = clock.now()
    const { changeCount } = log.state
    const made = this.#inhibitor
    const isFresh =
      made?.changeCount === changeCount && Math.abs(nowMs - made.madeAtMs) < INHIBITOR_LIFE_MS
    const inhibitor = isFresh
      ? made.inhibitor
      : new Inhibitor(config.inhibitRules, log.state.alerts.values(), nowMs)
    if (!isFresh) this.#inhibitor = { inhibitor, changeCount, madeAtMs: nowMs }
    return new Judge(log.state, silencer, inhibitor, config.timeIntervals, nowMs)
  }

  /** Looks at every group whose time has come. */
  flushDue(): void {
    const nowMs = this.#parts.clock.now()
    const due = [...this.#groups.all()].filter(({ nextFlushAtMs }) => nextFlushAtMs <= nowMs)
    if (due.length === 0) return
    const { resolveTimeoutMs } = this.#contacts.config
    // Ended first, everywhere: what inhibits must not depend on which group comes first.
    endUnrepeated(this.#parts.log, nowMs, resolveTimeoutMs)
    const judge = this.judge()
    for (const group of due) this.#flush(group, judge, nowMs)
  }

  /** Has every group looked at within its interval, for when the clock was set back. */
  rescheduleBy(nowMs: number): void {
    for (const group of this.#groups.all())
      group.nextFlushAtMs = Math.min(group.nextFlushAtMs, nowMs + group.route.groupIntervalMs)
  }

  pump(): void {
    this.#courier.pump()
  }

  async stop(): Promise<void> {
    await this.#courier.stop()
  }

  prepare(key: string): Parcel | null {
    const { log, clock, externalUrl } = this.#parts
    const channel = log.state.channels.get(key)
    if (!channel?.due) return null
    const group = this.#groups.get(channel.groupKey)
    const plan = group && this.#plans(group).find(({ identity }) => channelKey(identity) === key)
    const notifier = this.#notifierOf(channel)
    if (!group || !plan || !notifier) return null
    const content = composeContent(channel, this.judge().members(group), plan, clock.now())
    if (content.firing.length + content.resolved.length === 0) {
      log.apply({ kind: 'dropped', channel: key })
      this.#clean(group)
      return null
    }
    const { severities } = this.#contacts.config
    const { groupKey, groupLabels, thread, sequence, receiver } = channel
    const notification = createNotification({
      ...{ groupKey, groupLabels, thread, sequence, receiver, severities, externalUrl },
      ...content,
      channel: key,
      reason: channel.due.reason,
      nowMs: clock.now(),
    })
    return { notification, notifier }
  }

  report(key: string, parcel: Parcel, outcome: Outcome, attempt: AttemptInfo): boolean {
    const { log, clock, logger } = this.#parts
    const nowMs = clock.now()
    const channel = log.state.channels.get(key)
    if (!channel) return true
    const sinceMs = channel.due?.sinceMs ?? nowMs
    const isGivenUp = outcome.kind === 'failed' && nowMs - sinceMs >= GIVE_UP_AFTER_MS
    const isOver = outcome.kind === 'delivered' || isGivenUp
    const delivery = deliveryOf(channel, parcel, outcome, {
      ...{ sinceMs, nowMs, isGivenUp },
      attempts: attempt.number,
    })
    this.#parts.onDelivery(delivery)
    // That it fails is kept once: an hour without a server is thousands of attempts.
    const isKept = isOver || log.state.deliveries.get(delivery.id) === undefined
    if (isKept) log.apply({ kind: 'delivery', delivery })
    else log.applyVolatile({ kind: 'delivery', delivery })
    if (outcome.kind === 'failed' && (attempt.number === 1 || isGivenUp)) {
      const { receiver, integration } = channel
      const { answer } = outcome
      logger.warn({ receiver, integration, answer, isGivenUp }, 'a notification was not delivered')
    }
    if (isOver) this.#tell(channel, parcel.notification, attempt, nowMs)
    if (isKept) this.#commit()
    return isOver
  }

  #tell(
    channel: Readonly<Channel>,
    { alerts, reason }: Notification,
    { isDueAgain }: AttemptInfo,
    nowMs: number,
  ): void {
    const fingerprints = (status: string) =>
      alerts.filter((one) => one.status === status).map(({ fingerprint }) => fingerprint)
    this.#parts.log.apply({
      kind: 'told',
      channel: channel.key,
      firing: fingerprints('firing'),
      resolved: fingerprints('resolved'),
      atMs: nowMs,
      isRepeat: reason === 'repeat',
      isComplete: !isDueAgain,
    })
    const group = this.#groups.get(channel.groupKey)
    if (group) this.#clean(group)
  }

  #flush(group: Group, judge: Judge, nowMs: number): void {
    const { route } = group
    group.nextFlushAtMs = nowMs + route.groupIntervalMs
    if (judge.mutedBy(route).length > 0) return
    const members = judge.members(group)
    for (const plan of this.#plans(group)) this.#flushChannel(group, plan, members, nowMs)
    this.#clean(group)
    const nextMs = nextEscalationAtMs(judge.members(group), route, nowMs)
    group.nextFlushAtMs = Math.min(group.nextFlushAtMs, nextMs)
  }

  #flushChannel(group: Group, plan: ChannelPlan, members: readonly Member[], nowMs: number): void {
    const { log } = this.#parts
    const key = channelKey(plan.identity)
    const channel = log.state.channels.get(key)
    const { due, settled } = decideChannel(channel, members, plan, group.route, nowMs)
    if (settled.length > 0) log.apply({ kind: 'settled', channel: key, fingerprints: settled })
    if (!due) return
    log.apply({
      kind: 'due',
      channel: plan.identity,
      thread: this.#threadOf(group),
      owed: due.owed,
      reason: due.reason,
      atMs: nowMs,
    })
    this.#enqueue(plan)
  }

  /** Lets go of alerts that are over and told, and of groups that are empty. */
  #clean(group: Group): void {
    const { log, silencer, clock } = this.#parts
    const nowMs = clock.now()
    const channels = this.#plans(group).map(({ identity }) =>
      log.state.channels.get(channelKey(identity)),
    )
    const gone: string[] = []
    for (const fingerprint of [...group.members]) {
      const alert = log.state.alerts.get(fingerprint)
      const isOver = alert === undefined || (alert.endsAtMs !== null && alert.endsAtMs <= nowMs)
      if (!isOver || !isDoneWith(fingerprint, channels)) continue
      if (this.#groups.leave(group, fingerprint)) gone.push(fingerprint)
    }
    if (gone.length > 0) {
      log.apply({ kind: 'alerts-gone', fingerprints: gone })
      forgetAcknowledgements(log, gone)
      settleOrphans(log, this.#orphans, gone)
      for (const fingerprint of gone) silencer.forget(fingerprint)
    }
    const used = channels.filter((channel) => channel !== undefined)
    if (group.members.size > 0 || used.some(({ due }) => due)) return
    if (used.length > 0) log.apply({ kind: 'channels-gone', channels: used.map(({ key }) => key) })
    this.#groups.remove(group)
  }

  #plans(group: Group): readonly ChannelPlan[] {
    return plansFor(group, this.#contacts.config.receivers)
  }

  #enqueue({ identity }: ChannelPlan): void {
    const { receiver, integration } = identity
    this.#courier.enqueue(channelKey(identity), notifierKey(receiver, integration))
  }

  #notifierOf({ receiver, integration }: Readonly<Channel>): Notifier | undefined {
    return this.#contacts.notifiers.get(notifierKey(receiver, integration))
  }

  /** All channels of a group tell of the same incident. */
  #threadOf(group: Group): string {
    for (const { identity } of this.#plans(group)) {
      const thread = this.#parts.log.state.channels.get(channelKey(identity))?.thread
      if (thread !== undefined) return thread
    }
    return this.#parts.random.bytes(8).toString('hex')
  }

  /** What follows from it is in memory already; a disk that fails must not keep news from people. */
  #commit(): void {
    this.#parts.log.commit().catch((error: unknown) => {
      this.#parts.logger.error({ err: error }, 'what was delivered could not be kept')
    })
  }
}
