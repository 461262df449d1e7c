import type { Command } from '../../../broker/control/index.ts'
import type { Members, Model } from './model.ts'

/** Names of the people of a run; the root account comes with the broker. */
export const SUPER_USER = 'User:admin'
const ROOT = 'User:root'
const ADDRESS = '127.0.0.1'

interface Wanted {
  readonly operation: string
  readonly type: string
  readonly name: string
}

const cluster = (operation: string): readonly (readonly Wanted[])[] => [
  [{ operation, type: 'CLUSTER', name: 'kafka-cluster' }],
]
const topic = (operation: string, name: string): readonly (readonly Wanted[])[] => [
  [{ operation, type: 'TOPIC', name }],
]

/** All of the outer list are needed, and of each inner one any. */
function wantedBy(command: Command, model: Model): readonly (readonly Wanted[])[] {
  switch (command.kind) {
    case 'topic.create':
      return [
        [
          { operation: 'CREATE', type: 'CLUSTER', name: 'kafka-cluster' },
          { operation: 'CREATE', type: 'TOPIC', name: command.name },
        ],
      ]
    case 'topic.delete':
      return topic('DELETE', command.name ?? '')
    case 'topic.restore':
      return topic('CREATE', command.name ?? '')
    case 'topic.partitions.create':
      return topic('ALTER', command.name)
    case 'topic.config.alter':
    case 'topic.quota.alter':
      return topic('ALTER_CONFIGS', command.name)
    case 'records.delete':
      return topic('DELETE', command.topic)
    case 'broker.config.alter':
    case 'quota.alter':
    case 'rule.put':
    case 'rule.delete':
    case 'notification-policy.put':
      return cluster('ALTER_CONFIGS')
    case 'token.create':
      return [[{ operation: 'CREATE_TOKENS', type: 'USER', name: `User:${command.account}` }]]
    case 'token.revoke': {
      const token = model.get(`api-token:${command.id}`)?.value as Members | undefined
      if (!token) return []
      return [[{ operation: 'CREATE_TOKENS', type: 'USER', name: `User:${token.account}` }]]
    }
    case 'delegation-token.create':
      return [[{ operation: 'CREATE_TOKENS', type: 'USER', name: command.owner }]]
    case 'delegation-token.renew':
    case 'delegation-token.expire':
      return []
    case 'group.delete':
      return [[{ operation: 'DELETE', type: 'GROUP', name: command.groupId }]]
    case 'group.offsets.delete':
      return [
        [{ operation: 'DELETE', type: 'GROUP', name: command.groupId }],
        [{ operation: 'READ', type: 'TOPIC', name: command.topic }],
      ]
    case 'group.offsets.reset':
      return [
        [{ operation: 'READ', type: 'GROUP', name: command.groupId }],
        ...command.offsets.map((one) => [{ operation: 'READ', type: 'TOPIC', name: one.topic }]),
      ]
    default:
      return cluster('ALTER')
  }
}

/** Whether somebody may give the command, by a plain look at every rule that there is. */
export function mayGive(
  principal: string,
  door: 'kafka' | 'http',
  command: Command,
  model: Model,
  builtInRoles: ReadonlyMap<string, readonly Members[]>,
): boolean {
  if (principal === SUPER_USER || (principal === ROOT && door === 'http')) return true
  const rules = rulesFor(principal, model, builtInRoles)
  return wantedBy(command, model).every((choices) =>
    choices.some((wanted) => isOwn(principal, wanted) || allows(rules, wanted)),
  )
}

function isOwn(principal: string, { type, name }: Wanted): boolean {
  return type === 'USER' && name === principal
}

function rulesFor(
  principal: string,
  model: Model,
  builtInRoles: ReadonlyMap<string, readonly Members[]>,
): readonly Members[] {
  const acls = [...model.ofKind('acl')].filter(
    (acl) =>
      (acl.principal === principal || acl.principal === 'User:*') &&
      (acl.host === '*' || acl.host === ADDRESS),
  )
  const account = model.named('account', principal.slice('User:'.length))
  if (!account || account.isDisabled === true) return acls
  const roles = (account.roles as readonly string[]).flatMap((role) => {
    const custom = model.named('role', role)?.rules as readonly Members[] | undefined
    const rules = custom ?? builtInRoles.get(role) ?? []
    // All topics of an operator are those of others: the history is not for them.
    return rules.map((rule) => ({ ...rule, sparesHistory: role === 'operator' }))
  })
  return [...acls, ...roles.map((rule) => ({ ...rule, permission: 'ALLOW' }))]
}

function allows(rules: readonly Members[], { operation, type, name }: Wanted): boolean {
  const about = rules.filter(
    (rule) =>
      rule.resourceType === type &&
      !(rule.sparesHistory === true && type === 'TOPIC' && name === '__audit') &&
      (rule.operation === operation || rule.operation === 'ALL') &&
      (rule.patternType === 'PREFIXED'
        ? name.startsWith(String(rule.resourceName))
        : rule.resourceName === '*' || rule.resourceName === name),
  )
  return (
    about.some(({ permission }) => permission === 'ALLOW') &&
    !about.some(({ permission }) => permission === 'DENY')
  )
}
