import type { Encodable } from '../../protocol/index.ts'
import {
  AlterClientQuotasRequest,
  AlterClientQuotasResponse,
  errors,
} from '../../protocol/index.ts'
import type { AlterClientQuota, QuotaEntity, QuotaKey } from '../control/index.ts'
import { quotaEntityKey } from '../control/index.ts'
import { actorOf } from './actor.ts'
import { ENTITY_TYPES } from './client-quota-filter.ts'
import { errorCodeOf } from './error-code.ts'
import { defineHandler } from './handler.ts'
import { observeMalformed } from './malformed-attempts.ts'

type Entry = AlterClientQuotasRequest['entries'][number]
type Answer = Encodable<typeof AlterClientQuotasResponse>['entries'][number]

/**
 * AlterClientQuotas v0-v1 (KIP-546, KIP-612): sets and removes limits of users, client ids and
 * addresses, each entity for itself. They hold for connections that are there already.
 */
export const alterClientQuotas = defineHandler(
  AlterClientQuotasRequest,
  AlterClientQuotasResponse,
  {
    versions: '0-1',
    stage: 'ordered',
    permissions: [{ operation: 'ALTER_CONFIGS', resource: 'CLUSTER' }],
    notes: [
      'A limit has to be a number above 0, and an ip an address: names of hosts are not looked up.',
    ],
  },
  async ({ entries, validateOnly }, context, broker) => {
    const commands = new Map<Entry, AlterClientQuota>()
    const faults = new Map<Entry, string>()
    const seen = new Set<string>()
    for (const entry of entries) {
      const entity = entityOf(entry)
      const key = typeof entity === 'string' ? '' : quotaEntityKey(entity)
      if (typeof entity === 'string') faults.set(entry, entity)
      else if (seen.has(key)) faults.set(entry, 'An entity can be altered once in a request.')
      else commands.set(entry, commandOf(entity, entry))
      seen.add(key)
    }
    if (faults.size > 0 && !validateOnly) observeMalformed('quota.alter', context, broker)
    const outcomes = await broker.control.execute([...commands.values()], actorOf(context), {
      validateOnly,
    })
    const byEntry = new Map([...commands.keys()].map((entry, index) => [entry, outcomes[index]]))
    return {
      entries: entries.map((entry): Answer => {
        const fault = faults.get(entry)
        if (fault !== undefined) return answerOf(entry, errors.INVALID_REQUEST.code, fault)
        const outcome = byEntry.get(entry)
        const code = errorCodeOf(outcome?.error ?? 'UNKNOWN_SERVER_ERROR')
        return answerOf(entry, code, outcome?.message ?? null)
      }),
    }
  },
)

/** Whom an entry is about, or what is wrong with that. */
function entityOf({ entity }: Entry): QuotaEntity | string {
  const found: { -readonly [Kind in keyof QuotaEntity]: string | null } = {}
  for (const { entityType, entityName } of entity) {
    const kind = ENTITY_TYPES.get(entityType)
    if (!kind) return `Unhandled client quota entity type: ${entityType}`
    if (kind in found) return `The entity has two of type ${entityType}.`
    if (entityName === '') return `Empty ${entityType} not supported`
    found[kind] = entityName
  }
  return found
}

/** The control plane decides whether there are such keys, and whether they may have such values. */
function commandOf(entity: QuotaEntity, { ops }: Entry): AlterClientQuota {
  const changes = ops.map(({ key, value, remove }) => ({
    key: key as QuotaKey,
    value: remove ? null : value,
  }))
  return { kind: 'quota.alter', entity, changes }
}

function answerOf({ entity }: Entry, errorCode: number, errorMessage: string | null): Answer {
  return { errorCode, errorMessage, entity: entity.map((part) => ({ ...part })) }
}
