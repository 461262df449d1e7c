import type { Json, JsonObject } from '../../audit/index.ts'
import type { ConfigRow } from '../../kit/index.ts'
import { abbreviate } from '../../kit/index.ts'
import { brokerConfigs } from './broker-configs.ts'
import { clientMetricsConfigs } from './client-metrics/client-metrics-configs.ts'
import type { Command } from './commands.ts'
import { topicConfigs } from './topic-configs.ts'

/** What a record keeps of a request is for people, and bounded: refused requests may be of any size. */
const MAX_TEXT_LENGTH = 1024
const MAX_ITEMS = 100
const REDACTED = '[redacted]'

/**
 * What was asked for, as its record keeps it. Long texts and lists are cut, and values of secret
 * keys redacted; so are those of keys that do not exist here, since nobody knows what they hold.
 */
export function summarizeRequest(command: Command): JsonObject {
  const { kind: _, ...asked } = { ...withoutSecrets(command), kind: command.kind }
  return cut(asked) as JsonObject
}

/** A request that is no command, cut in the same way. */
export function cutRequest(request: JsonObject): JsonObject {
  return cut(request) as JsonObject
}

function withoutSecrets(command: Command): object {
  switch (command.kind) {
    case 'topic.create':
      return { ...command, configs: redact(command.configs, topicConfigs.row) }
    case 'topic.config.alter':
      return { ...command, changes: redact(command.changes, topicConfigs.row) }
    case 'broker.config.alter':
      return { ...command, changes: redact(command.changes, brokerConfigs.row) }
    case 'client-metrics.alter':
      return { ...command, changes: redact(command.changes, clientMetricsConfigs.row) }
    case 'user.scram.upsert': {
      const { salt: _salt, storedKey: _stored, serverKey: _server, ...open } = command
      return open
    }
    case 'token.create': {
      const { hash: _, ...open } = command
      return open
    }
    case 'delegation-token.create': {
      const { hmac: _, ...open } = command
      return open
    }
    case 'account.create':
    case 'account.alter':
      return command.person === undefined ? command : { ...command, person: REDACTED }
    // Settings may have a secret where none belongs, and are then refused; documents are in `after`.
    case 'contact-point.put': {
      const { settings: _settings, secrets = {}, ...open } = command
      return { ...open, secrets: Object.keys(secrets) }
    }
    case 'rule.put': {
      const { name, rules } = command.group
      return { kind: command.kind, name, rules: Array.isArray(rules) ? rules.length : 0 }
    }
    case 'notification-policy.put':
      return { kind: command.kind, isSet: command.policy !== null }
    default:
      return command
  }
}

function redact<Change extends { readonly name: string }>(
  changes: readonly Change[],
  rowOf: (name: string) => ConfigRow | undefined,
): readonly Change[] {
  return changes.map((change) => {
    const row = rowOf(change.name)
    const isOpen = row !== undefined && !row.secret
    return isOpen || !('value' in change) ? change : { ...change, value: REDACTED }
  })
}

function cut(value: unknown): Json {
  if (typeof value === 'string') return abbreviate(value, MAX_TEXT_LENGTH)
  // JSON has no NaN, which somebody may ask for all the same.
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'boolean' || value === null) return value
  if (Array.isArray(value)) {
    const items: Json[] = value.slice(0, MAX_ITEMS).map(cut)
    if (value.length > MAX_ITEMS) items.push(`… and ${value.length - MAX_ITEMS} more`)
    return items
  }
  if (typeof value !== 'object') return String(value)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(
    members.map(([name, member]) => [abbreviate(name, MAX_TEXT_LENGTH), cut(member)]),
  )
}
