import type { DiskAction } from './action.ts'
import type { DiskPolicy } from './disk-policy.ts'
import type { DiskUsage } from './usage.ts'

/** The broker said no: asking again would not help. */
export class BrokerRefusal extends Error {
  override readonly name: string = 'BrokerRefusal'
}

/** What topics ask for, and have: the two differ while the disk is too full. */
export interface Retention {
  /** Longest that a topic asks for, those without an end aside; null when there is none. */
  readonly expectedMs: number | null
  /** What that topic has at present. */
  readonly effectiveMs: number | null
}

/** What the ladder needs of the broker. Each call rejects with a BrokerRefusal, or with any other error when asking again may help. */
export interface DiskBroker {
  usage(): Promise<DiskUsage>
  policy(): Promise<DiskPolicy>
  retention(policy: DiskPolicy): Promise<Retention>
  /** Sets how much of its volume the broker may use, for an action. */
  setLimit(limitBytes: number, action: DiskAction): Promise<void>
  /** Lets topics have so much of their retention as the action says; refused when it is neither `from` nor `to` by then. */
  setEffectiveRetention(action: DiskAction): Promise<void>
  /** Puts the intent into the history; the same action again changes nothing. Answers its sequence number, where it is told. */
  intend(action: DiskAction): Promise<number | null>
  /** Puts the outcome into the history; the same again changes nothing. Answers its sequence number, where it is told. */
  conclude(action: DiskAction): Promise<number | null>
}
