import type { Json, Resource, Reversal } from '../../../audit/index.ts'
import type { ConfigFault, Uuid } from '../../../kit/index.ts'
import { abbreviate } from '../../../kit/index.ts'
import type { ErrorName } from '../../../protocol/index.ts'
import type { BrokerConfigValues } from '../broker-config.ts'
import type { Command } from '../commands.ts'
import type { SecretReference } from '../identities.ts'
import type { PlanListeners } from '../listeners.ts'
import type { Outcome } from '../port.ts'

/** What decisions depend on beside the state. Given in, so that the same input decides the same. */
export interface DecisionContext {
  readonly nowMs: number
  readonly nodeId: number
  readonly newId: () => Uuid
  /** Who asks. */
  readonly principal: string
  /** The listener of the Kafka door by which the request came; empty when it came in another way. */
  readonly listener: string
  /** Whether it is the broker itself, which tidies up. */
  readonly isSystem: boolean
  /** Whether there is no room for data that nobody wants any more. */
  readonly isDiskFull: boolean
  /** Of the volume; free bytes are null until they were looked at. */
  readonly diskSpace: () => {
    readonly usedBytes: number
    readonly freeBytes: number | null
    /** What must stay free for ordinary appends to be taken. */
    readonly floorBytes: number
  }
  readonly planListeners: PlanListeners
  readonly newSecret: (value: Uint8Array) => NewSecret
  readonly broker: BrokerConfigValues
  /** The broker's defaults of topic configurations, as text. */
  readonly topicDefaults: Readonly<Record<string, string>>
  /** Every fault that these dynamic broker configs would have. */
  readonly brokerConfigFaults: (
    clusterWide: Readonly<Record<string, string>>,
    perBroker: Readonly<Record<string, string>>,
  ) => readonly ConfigFault[]
  /** Where a partition's log begins and how far it can be read; undefined when it has no usable log. */
  readonly logBounds: (
    topicId: Uuid,
    partition: number,
  ) => { readonly logStartOffset: number; readonly highWatermark: number } | undefined
}

type After<C extends Command> = Outcome<C>['after']

/** The command does this: the resource is `after` from now on, and the caller gets `result`. */
export interface Accepted<C extends Command> {
  readonly error: 'NONE'
  readonly resource: Resource
  readonly before: Json
  readonly after: Json
  /** Whether there was such a resource, where it may be there without anything having been set of it. */
  readonly isThere?: boolean
  readonly reversal: Reversal
  readonly result: After<C>
  /** What `__secrets` takes together with the record. */
  readonly secrets?: readonly SecretChange[]
}

/** A secret to be kept under its reference, or one that nobody needs any more. */
export type SecretChange =
  | { readonly op: 'put'; readonly secretId: Uuid; readonly salt: Buffer; readonly value: Buffer }
  | { readonly op: 'erase'; readonly secretId: Uuid }

/** A secret that is about to be kept: what the record says of it, and the secret itself. */
export interface NewSecret {
  readonly reference: SecretReference
  readonly change: SecretChange
}

/** The command changes nothing. */
export interface Refused {
  readonly error: Exclude<ErrorName, 'NONE'>
  readonly message: string
  readonly resource: Resource
}

export type Decision<C extends Command = Command> = Accepted<C> | Refused

/** Messages hold what clients sent, and must fit into the protocol's texts of 32,767 bytes. */
const MAX_MESSAGE_LENGTH = 4096

export function refuse(error: Refused['error'], message: string, resource: Resource): Refused {
  return { error, message: abbreviate(message, MAX_MESSAGE_LENGTH), resource }
}

/** All faults in one message. */
export function refuseFaults(
  faults: readonly ConfigFault[],
  resource: Resource,
  error: Refused['error'] = 'INVALID_CONFIG',
): Refused {
  return refuse(error, faults.map((fault) => fault.message).join('; '), resource)
}
