import type { Alert } from '../alerts/alert.ts'
import type { Fingerprint } from '../alerts/label-set.ts'
import type { Route } from '../config/config.ts'
import type { Channel, NotificationReason } from '../state/channel.ts'
import type { ChannelPlan, Member } from './group.ts'

/** What a look at a group finds for one of its channels. */
export interface ChannelDecision {
  /** Set when a notification must go out. */
  readonly due: {
    readonly owed: readonly Fingerprint[]
    readonly reason: NotificationReason
  } | null
  /** What the channel needs to hear no more of. */
  readonly settled: readonly Fingerprint[]
}

/**
 * Whether one channel of a group must be told something, by the rules of Alertmanager's notification
 * log: alerts that it does not know are firing, alerts that it thinks are firing and are over, or
 * the same again once the repeat interval has passed. Pure.
 */
export function decideChannel(
  channel: Readonly<Channel> | undefined,
  members: readonly Member[],
  plan: ChannelPlan,
  route: Route,
  nowMs: number,
): ChannelDecision {
  const own = members.filter((member) => concerns(member, channel, plan, nowMs))
  const firing = own.filter(({ isFiring, isMuted }) => isFiring && !isMuted)
  const owed = firing
    .map(({ alert }) => alert.fingerprint)
    .filter((one) => !channel?.firing.has(one) && !(channel?.due && channel.owed.has(one)))
  const over = own.filter(
    ({ alert, isFiring }) => !isFiring && channel?.firing.has(alert.fingerprint),
  )
  const endings = over.filter(({ isMuted }) => !isMuted && plan.sendResolved)
  const settled = [
    ...over.filter(({ isMuted }) => isMuted || !plan.sendResolved).map(fingerprintOf),
    ...(channel ? vanished(channel, members) : []),
  ]
  const reason = reasonFor(channel, plan, owed.length, endings.length)
  if (reason !== null) return { due: { owed, reason }, settled }
  const isRepeat = channel && isRepeatDue(channel, firing, route, nowMs)
  return { due: isRepeat ? { owed: [], reason: 'repeat' } : null, settled }
}

function reasonFor(
  channel: Readonly<Channel> | undefined,
  { afterMs }: ChannelPlan,
  newCount: number,
  endedCount: number,
): NotificationReason | null {
  if (newCount === 0) return endedCount > 0 ? 'resolved' : null
  if (afterMs !== null) return 'escalation'
  return channel === undefined || channel.firing.size === 0 ? 'first' : 'new-alerts'
}

/** What was held back or ended, and can not be told of any more because it is gone. */
function vanished(channel: Readonly<Channel>, members: readonly Member[]): Fingerprint[] {
  const there = new Set(members.map(fingerprintOf))
  return [...channel.firing, ...channel.owed].filter((one) => !there.has(one))
}

/** Everything concerns a route's own receiver; a step of escalation only what nobody took care of in time. */
function concerns(
  { alert, isFiring, isAcknowledged }: Member,
  channel: Readonly<Channel> | undefined,
  { afterMs }: ChannelPlan,
  nowMs: number,
): boolean {
  if (afterMs === null) return true
  const { fingerprint, dueAtMs } = alert
  if (channel?.firing.has(fingerprint) || channel?.owed.has(fingerprint)) return true
  return isFiring && !isAcknowledged && dueAtMs !== null && nowMs - dueAtMs >= afterMs
}

/** Not while it is on its way already, and not once somebody looks after all of it. */
function isRepeatDue(
  channel: Readonly<Channel>,
  firing: readonly Member[],
  route: Route,
  nowMs: number,
): boolean {
  if (channel.due || channel.toldAtMs === null) return false
  if (firing.every(({ isAcknowledged }) => isAcknowledged)) return false
  return nowMs - channel.toldAtMs >= repeatAfterMs(route, channel.repeats)
}

/** Longer from one repeat to the next, up to the cap; which never makes the first wait shorter. */
export function repeatAfterMs(route: Route, repeats: number): number {
  const { repeatIntervalMs, repeatBackoff, repeatMaxMs } = route
  const longestMs = Math.max(repeatIntervalMs, repeatMaxMs)
  return Math.min(repeatIntervalMs * repeatBackoff ** repeats, longestMs)
}

/** What a notification through a channel would say now. */
export interface Content {
  readonly firing: readonly Alert[]
  readonly resolved: readonly Alert[]
}

/**
 * All of the group that concerns the channel, not only what is new: whoever reads it sees how things
 * are. An alert that fired and ended before it could be delivered is told of too. Oldest first. Pure.
 */
export function composeContent(
  channel: Readonly<Channel>,
  members: readonly Member[],
  plan: ChannelPlan,
  nowMs: number,
): Content {
  const own = members
    .filter((member) => !member.isMuted && concerns(member, channel, plan, nowMs))
    .sort((a, b) => a.alert.startsAtMs - b.alert.startsAtMs)
  const isNewsThatItEnded = ({ fingerprint }: Alert): boolean =>
    channel.owed.has(fingerprint) || (plan.sendResolved && channel.firing.has(fingerprint))
  return {
    firing: own.filter(({ isFiring }) => isFiring).map(({ alert }) => alert),
    resolved: own
      .filter(({ isFiring, alert }) => !isFiring && isNewsThatItEnded(alert))
      .map(({ alert }) => alert),
  }
}

/** When the next step of escalation is due for any of them, if nothing happens until then. */
export function nextEscalationAtMs(
  members: readonly Member[],
  route: Route,
  nowMs: number,
): number {
  let nextMs = Infinity
  for (const { alert, isFiring, isMuted, isAcknowledged } of members) {
    if (!isFiring || isMuted || isAcknowledged || alert.dueAtMs === null) continue
    for (const { afterMs } of route.escalation) {
      const atMs = alert.dueAtMs + afterMs
      if (atMs > nowMs) nextMs = Math.min(nextMs, atMs)
    }
  }
  return nextMs
}

/** Whether no channel needs an alert that is over any more. */
export function isDoneWith(
  fingerprint: Fingerprint,
  channels: readonly (Readonly<Channel> | undefined)[],
): boolean {
  return channels.every(
    (channel) =>
      !channel?.firing.has(fingerprint) && !(channel?.due && channel.owed.has(fingerprint)),
  )
}

function fingerprintOf({ alert }: Member): Fingerprint {
  return alert.fingerprint
}
