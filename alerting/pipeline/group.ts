import type { Alert } from '../alerts/alert.ts'
import type { Fingerprint, LabelSet } from '../alerts/label-set.ts'
import type { Integration, Receiver, Route } from '../config/config.ts'
import type { ChannelIdentity } from '../state/channel.ts'

/** Alerts that people hear of together. */
export interface Group {
  readonly key: string
  readonly route: Route
  readonly labels: LabelSet
  readonly members: Set<Fingerprint>
  /** When it is looked at next. */
  nextFlushAtMs: number
}

/** An alert as its group sees it at one instant. */
export interface Member {
  readonly alert: Alert
  readonly isFiring: boolean
  /** Held back by a silence or by another alert. */
  readonly isMuted: boolean
  readonly isAcknowledged: boolean
}

/** A channel that the configuration gives a group, whether or not it was used yet. */
export interface ChannelPlan {
  readonly identity: ChannelIdentity
  readonly integration: Integration
  readonly sendResolved: boolean
  /** Null for the route's own receiver; for a step of escalation, how long nobody has acknowledged. */
  readonly afterMs: number | null
}

/** Kind and place among those of its kind. */
export function integrationNames(receiver: Receiver): readonly (readonly [string, Integration])[] {
  const counts = new Map<string, number>()
  return receiver.integrations.map((integration) => {
    const at = counts.get(integration.kind) ?? 0
    counts.set(integration.kind, at + 1)
    return [`${integration.kind}[${at}]`, integration] as const
  })
}

/** Every channel of a group: those of its receiver, and of each step of its escalation. */
export function plansFor(
  group: Group,
  receivers: ReadonlyMap<string, Receiver>,
): readonly ChannelPlan[] {
  const { route } = group
  const steps = route.escalation.map(({ receiver, afterMs }, step) => ({ receiver, afterMs, step }))
  return [{ receiver: route.receiver, afterMs: null, step: null }, ...steps].flatMap(
    ({ receiver: name, afterMs, step }) => {
      const receiver = receivers.get(name)
      return (receiver ? integrationNames(receiver) : []).map(([integrationName, integration]) => ({
        identity: {
          groupKey: group.key,
          groupLabels: group.labels,
          receiver: name,
          integration: integrationName,
          escalationStep: step,
        },
        integration,
        sendResolved: integration.sendResolved,
        afterMs,
      }))
    },
  )
}
