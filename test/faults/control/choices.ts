import type { AclBinding, Command, QuotaEntity, RoleRule } from '../../../broker/control/index.ts'
import type { Random } from '../../../kit/index.ts'
import { BAD_VALUE } from './predictions.ts'

/** Few names, so that actors get into each other's way. */
export const TOPICS = ['t-a', 't-b', 't-c', 'u-a', 'u-b'] as const
export const PEOPLE = ['pia', 'per', 'pat'] as const
export const ROLES = ['r0', 'r1', 'r2'] as const
/** A topic that nobody changes, so that offsets in it stay known. */
export const STEADY = 'steady'
export const STEADY_RECORDS = 20

/** Of nobody who works here, so that nobody is held up. */
export const QUOTA_ENTITIES: readonly QuotaEntity[] = [
  { user: 'pia' },
  { user: 'pia', clientId: null },
  { clientId: 'some program' },
  { ip: '10.0.0.1' },
]

/** Beside the one that everybody comes by. */
export const LISTENERS = ['EXTRA', 'OTHER'] as const

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[random.below(items.length)]
  if (item === undefined) throw new RangeError('nothing to choose from')
  return item
}

/** True once in `times`. */
export const rarely = (random: Random, times: number): boolean => random.below(times) === 0

export function topicName(random: Random): string {
  if (rarely(random, 25)) return pick(random, ['not a name', '__audit'])
  return pick(random, TOPICS)
}

type Configs = Extract<Command, { kind: 'topic.create' }>['configs']
type Changes = Extract<Command, { kind: 'topic.config.alter' }>['changes']

export function topicConfigs(random: Random): Configs {
  if (rarely(random, 12)) return [{ name: 'retention.ms', value: BAD_VALUE }]
  if (rarely(random, 2)) return []
  return [{ name: 'retention.ms', value: String(60_000 + random.below(1_000_000)) }]
}

export function topicConfigChanges(random: Random): Changes {
  if (rarely(random, 12)) return [{ op: 'set', name: 'segment.ms', value: BAD_VALUE }]
  const name = pick(random, ['retention.ms', 'segment.ms', 'max.message.bytes'])
  if (rarely(random, 4)) return [{ op: 'delete', name }]
  const value = String(60_000 + random.below(900_000))
  return [{ op: 'set', name, value }]
}

export function brokerConfigChanges(random: Random): Changes {
  if (rarely(random, 12)) return [{ op: 'set', name: 'num.partitions', value: BAD_VALUE }]
  const name = pick(random, ['num.partitions', 'log.cleaner.delete.retention.ms'])
  if (rarely(random, 3)) return [{ op: 'delete', name }]
  return [{ op: 'set', name, value: String(1 + random.below(3)) }]
}

export function binding(random: Random): AclBinding {
  const resourceType = pick(random, ['TOPIC', 'TOPIC', 'TOPIC', 'CLUSTER', 'USER'] as const)
  const ofCluster = rarely(random, 8) ? 'not-the-cluster' : 'kafka-cluster'
  const isPrefix = resourceType === 'TOPIC' && rarely(random, 2)
  const names = isPrefix ? ['t-', 'u-'] : [...TOPICS, '*']
  return {
    resourceType,
    resourceName:
      resourceType === 'CLUSTER'
        ? ofCluster
        : resourceType === 'USER'
          ? 'User:pia'
          : pick(random, names),
    patternType: isPrefix ? 'PREFIXED' : 'LITERAL',
    principal: pick(random, ['User:alice', 'User:alice', 'User:custom', 'User:operator', 'User:*']),
    host: pick(random, ['*', '*', '127.0.0.1', '10.0.0.1']),
    operation: pick(random, [
      'CREATE',
      'DELETE',
      'ALTER',
      'ALTER_CONFIGS',
      'ALL',
      'CREATE_TOKENS',
    ] as const),
    permission: rarely(random, 4) ? 'DENY' : 'ALLOW',
  }
}

export function roleRules(random: Random): readonly RoleRule[] {
  return Array.from({ length: random.below(3) }, () => ({
    resourceType: 'TOPIC' as const,
    operation: pick(random, ['CREATE', 'DELETE', 'ALTER', 'ALTER_CONFIGS'] as const),
    resourceName: pick(random, ['t-', 'u-']),
    patternType: 'PREFIXED' as const,
  }))
}

export function accountRoles(random: Random): readonly string[] {
  if (rarely(random, 15)) return ['no-such-role']
  return rarely(random, 3) ? ['viewer'] : [pick(random, ROLES)]
}
