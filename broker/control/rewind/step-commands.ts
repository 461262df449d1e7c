import type { JsonObject, RewindStep } from '../../../audit/index.ts'
import type { AclBinding } from '../access.ts'
import type { AlterClientQuota, Command, ConfigChange, ResetGroupOffsets } from '../commands.ts'
import type { DiskPolicy } from '../disk-policy.ts'
import { DEFAULT_DISK_POLICY } from '../disk-policy.ts'
import type { ContactPoint } from '../documents/contact-point.ts'
import type { RuleGroup } from '../documents/rule-group.ts'
import type { Account, ApiToken, DelegationToken, Role, User } from '../identities.ts'
import { SCRAM_MECHANISMS } from '../identities.ts'
import type { ListenerOverride } from '../listeners.ts'
import type { ClusterState, DeletedTopic, Topic } from '../port.ts'
import type { ClientQuota, QuotaKey } from '../quotas.ts'
import { removalOfAccount } from '../removal-of-account.ts'

/** What it takes to do a step: commands like any others, and what they cannot do. */
export interface StepCommands {
  readonly commands: readonly Command[]
  /** What stays as it is, and why, for people. */
  readonly cannot: readonly string[]
}

type ToCommands = (step: RewindStep, state: ClusterState) => StepCommands

const done = (...commands: readonly Command[]): StepCommands => ({ commands, cannot: [] })
const impossible = (...cannot: readonly string[]): StepCommands => ({ commands: [], cannot })

/**
 * The members of a resource as its records carry it. A step's values come out of records that the
 * fold has read, so each is whole and has the types of its kind.
 */
function resourceIn<Resource>(value: RewindStep['from']): Resource | null {
  return value as Resource | null
}

/** Changes that bring configurations back as they were. */
function settingsIn(value: RewindStep['from']): readonly ConfigChange[] {
  const configs = (value as JsonObject | null)?.configs ?? {}
  return Object.entries(configs as Readonly<Record<string, string>>).map(
    ([name, text]) => ({ op: 'set', name, value: text }) as const,
  )
}

const NO_PASSWORD =
  'A password that was replaced or removed does not come back: its user must set a new one.'

const TO_COMMANDS: Readonly<Record<string, ToCommands>> = {
  topic: topicCommands,
  'broker-config'({ resource, to }) {
    const { name: brokerId } = resource
    return done({ kind: 'broker.config.alter', brokerId, mode: 'replace', changes: settingsIn(to) })
  },
  'client-metrics'({ resource: { name }, to }) {
    return done({ kind: 'client-metrics.alter', name, mode: 'replace', changes: settingsIn(to) })
  },
  user({ resource: { name }, from, to }) {
    const [present, wanted] = [resourceIn<User>(from), resourceIn<User>(to)]
    const commands: Command[] = []
    const cannot: string[] = []
    for (const mechanism of SCRAM_MECHANISMS) {
      const has = present?.credentials[mechanism]
      const wants = wanted?.credentials[mechanism]
      if (wants && wants.secretId !== has?.secretId) cannot.push(`${mechanism}: ${NO_PASSWORD}`)
      else if (has && !wants) commands.push({ kind: 'user.scram.delete', name, mechanism })
    }
    return { commands, cannot }
  },
  acl({ from, to }) {
    const binding = resourceIn<AclBinding>(to)
    if (binding) return done({ kind: 'acl.create', binding })
    const present = resourceIn<AclBinding>(from)
    return present ? done({ kind: 'acl.delete', binding: present }) : done()
  },
  'client-quota'({ from, to }) {
    const [present, wanted] = [resourceIn<ClientQuota>(from), resourceIn<ClientQuota>(to)]
    const entity = (wanted ?? present)?.entity
    if (!entity) return done()
    const keys = new Set([
      ...Object.keys(present?.limits ?? {}),
      ...Object.keys(wanted?.limits ?? {}),
    ])
    const changes: AlterClientQuota['changes'] = [...keys].map((name) => {
      const key = name as QuotaKey
      return { key, value: wanted?.limits[key] ?? null }
    })
    return done({ kind: 'quota.alter', entity, changes })
  },
  account: accountCommands,
  role({ resource: { name }, from, to }) {
    const wanted = resourceIn<Role>(to)
    if (!wanted) return done({ kind: 'role.delete', name })
    const { rules } = wanted
    return done({ kind: from === null ? 'role.create' : 'role.alter', name, rules })
  },
  'api-token'({ from, to }) {
    const present = resourceIn<ApiToken>(from)
    if (to !== null || !present) return impossible('A token that was revoked does not come back.')
    return done({ kind: 'token.revoke', id: present.id })
  },
  'delegation-token'({ from, to }) {
    const present = resourceIn<DelegationToken>(from)
    if (to !== null || !present) {
      return impossible('Only its owner and its renewers say how long a delegation token lives.')
    }
    return done({ kind: 'delegation-token.expire', id: present.id, expiryPeriodMs: -1 })
  },
  listener({ resource: { name }, to }) {
    const wanted = resourceIn<ListenerOverride>(to)
    if (!wanted) return done({ kind: 'listener.alter', name, change: { to: 'configured' } })
    if (wanted.isRemoved) return done({ kind: 'listener.alter', name, change: { to: 'removed' } })
    const { host, port, advertised, protocol } = wanted
    const change = { to: 'settings', host, port, advertised, protocol } as const
    return done({ kind: 'listener.alter', name, change })
  },
  'disk-capacity'({ to }) {
    const wanted = resourceIn<{ readonly capacityBytes: number }>(to)
    return done({ kind: 'disk.capacity.alter', capacityBytes: wanted?.capacityBytes ?? null })
  },
  'disk-policy'({ to }) {
    const wanted = resourceIn<Partial<DiskPolicy>>(to)
    // Older records lack what did not exist then.
    const policy = wanted && { ...DEFAULT_DISK_POLICY, ...wanted }
    return done({ kind: 'retention-policy.alter', policy })
  },
  'rule-group'({ resource: { name }, to }) {
    const group = resourceIn<RuleGroup>(to)
    return done(group ? { kind: 'rule.put', group } : { kind: 'rule.delete', name })
  },
  'contact-point': contactPointCommands,
  'notification-policy'({ to }) {
    return done({ kind: 'notification-policy.put', policy: resourceIn<JsonObject>(to) })
  },
  'group-offsets'({ resource: { name: groupId }, from, to }) {
    type Offsets = {
      readonly offsets: Readonly<Record<string, Readonly<Record<string, number | null>>>>
      readonly commits?: Readonly<
        Record<string, Readonly<Record<string, { leaderEpoch?: number; metadata?: string }>>>
      >
    }
    const [present, wanted] = [resourceIn<Offsets>(from), resourceIn<Offsets>(to)]
    if (!wanted) return done()
    const offsets: ResetGroupOffsets['offsets'] = Object.entries(wanted.offsets).flatMap(
      ([topic, partitions]) =>
        Object.entries(partitions).map(([partition, offset]) => {
          const expected = present?.offsets[topic]?.[partition]
          return {
            ...{ topic, partition: Number(partition), offset },
            ...(offset === null ? {} : wanted.commits?.[topic]?.[partition]),
            ...(expected === undefined ? {} : { expected }),
          }
        }),
    )
    return done({ kind: 'group.offsets.reset', groupId, offsets })
  },
}

/** The commands of one step. What a kind of resource cannot do is said, not skipped. */
export function commandsOf(step: RewindStep, state: ClusterState): StepCommands {
  const { kind } = step.resource
  const toCommands = Object.hasOwn(TO_COMMANDS, kind) ? TO_COMMANDS[kind] : undefined
  return toCommands?.(step, state) ?? impossible(`A ${kind} cannot be taken back.`)
}

function isDeleted(topic: Topic | DeletedTopic): topic is DeletedTopic {
  return 'deletedAtMs' in topic
}

function topicCommands({ from, to }: RewindStep): StepCommands {
  const present = resourceIn<Topic | DeletedTopic>(from)
  const wanted = resourceIn<Topic | DeletedTopic>(to)
  if (!present) return impossible('The topic was purged: its records are gone.')
  if (!wanted || isDeleted(wanted)) {
    if (isDeleted(present)) return done()
    return done({ kind: 'topic.delete', id: present.id })
  }
  const commands: Command[] = []
  const cannot: string[] = []
  let { name } = present
  if (isDeleted(present)) {
    commands.push({ kind: 'topic.restore', id: present.id, newName: wanted.name })
    name = wanted.name
  } else if (present.name !== wanted.name) {
    cannot.push(`The topic ${present.name} cannot be renamed.`)
  }
  if (present.partitionCount > wanted.partitionCount) {
    cannot.push(`Partitions cannot be taken away: ${name} keeps ${present.partitionCount}.`)
  }
  if (JSON.stringify(sorted(present.configs)) !== JSON.stringify(sorted(wanted.configs))) {
    const changes = Object.entries(wanted.configs).map(
      ([key, value]) => ({ op: 'set', name: key, value }) as const,
    )
    commands.push({ kind: 'topic.config.alter', name, mode: 'replace', changes })
  }
  const [has, wants] = [present.quota, wanted.quota]
  const producerByteRate = wants?.producerByteRate ?? null
  const consumerByteRate = wants?.consumerByteRate ?? null
  const isThrottledAlike =
    (has?.producerByteRate ?? null) === producerByteRate &&
    (has?.consumerByteRate ?? null) === consumerByteRate
  if (!isThrottledAlike) {
    commands.push({ kind: 'topic.quota.alter', name, producerByteRate, consumerByteRate })
  }
  return { commands, cannot }
}

function sorted(texts: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(texts).sort(([one], [other]) => (one < other ? -1 : 1))
}

/** Settings come back with the secrets that there still are; one that was erased does not. */
function contactPointCommands({ resource: { name }, from, to }: RewindStep): StepCommands {
  const [present, wanted] = [resourceIn<ContactPoint>(from), resourceIn<ContactPoint>(to)]
  if (!wanted) return done({ kind: 'contact-point.delete', name })
  const kept = present?.secrets ?? {}
  const missing = Object.keys(wanted.secrets).filter((secret) => !Object.hasOwn(kept, secret))
  if (missing.length > 0) {
    return impossible(
      `${name} needs ${missing.join(', ')}: a secret that was erased does not come back.`,
    )
  }
  const cannot = Object.entries(wanted.secrets)
    .filter(([secret, { secretId }]) => kept[secret]?.secretId !== secretId)
    .map(([secret]) => `The secret ${secret} stays the one that was set last.`)
  const { settings } = wanted
  return { commands: [{ kind: 'contact-point.put', name, settings }], cannot }
}

function accountCommands(
  { resource: { name }, from, to }: RewindStep,
  state: ClusterState,
): StepCommands {
  const [present, wanted] = [resourceIn<Account>(from), resourceIn<Account>(to)]
  if (!wanted) {
    return done(...removalOfAccount(name, state))
  }
  const cannot =
    wanted.person && wanted.person.secretId !== present?.person?.secretId
      ? ['What was known of the person does not come back once it was erased or replaced.']
      : []
  const { roles, isDisabled } = wanted
  if (present) {
    const commands: Command[] = [{ kind: 'account.alter', name, roles, isDisabled }]
    if (present.person && !wanted.person) commands.push({ kind: 'person.erase', account: name })
    return { commands, cannot }
  }
  const commands: Command[] = [{ kind: 'account.create', name, roles }]
  if (isDisabled) commands.push({ kind: 'account.alter', name, isDisabled })
  return { commands, cannot }
}
