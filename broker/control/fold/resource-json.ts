import type { Json, JsonObject } from '../../../audit/index.ts'
import type { AclBinding, RoleRule } from '../access.ts'
import { ACL_OPERATIONS, ACL_PERMISSIONS, ACL_RESOURCE_TYPES, PATTERN_TYPES } from '../access.ts'
import type { DiskPolicy } from '../disk-policy.ts'
import { DEFAULT_DISK_POLICY, DISK_POLICY_DRIVERS, DISK_POLICY_MODES } from '../disk-policy.ts'
import type { ContactPoint } from '../documents/contact-point.ts'
import type { RuleGroup } from '../documents/rule-group.ts'
import type {
  Account,
  ApiToken,
  DelegationToken,
  Role,
  ScramCredential,
  ScramMechanism,
  SecretReference,
  User,
} from '../identities.ts'
import { SCRAM_MECHANISMS } from '../identities.ts'
import type { ListenerOverride } from '../listeners.ts'
import type { DeletedTopic, OpenPurge, Topic } from '../port.ts'
import type { ClientQuota, QuotaEntity } from '../quotas.ts'
import { QUOTA_KEYS } from '../quotas.ts'
import type { AfterFields } from './after-fields.ts'

/** A resource as its records carry it: its members as they are, without those that are undefined. */
export function resourceToJson(resource: object): Json {
  return jsonOf(resource)
}

function jsonOf(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return value
  if (Array.isArray(value)) return value.map(jsonOf)
  if (typeof value !== 'object') throw new TypeError(`a record cannot hold a ${typeof value}`)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(members.map(([name, member]) => [name, jsonOf(member)]))
}

export function topicOf(after: AfterFields): Topic {
  const topic = {
    id: after.text('id'),
    name: after.text('name'),
    partitionCount: after.integer('partitionCount'),
    configs: after.texts('configs'),
    internal: after.has('internal') && after.boolean('internal'),
    createdAtMs: after.integer('createdAtMs'),
  }
  if (!after.has('quota')) return topic
  const quota = after.object('quota')
  const rate = (name: string): number | null => (quota.has(name) ? quota.number(name) : null)
  return {
    ...topic,
    quota: {
      producerByteRate: rate('producerByteRate'),
      consumerByteRate: rate('consumerByteRate'),
    },
  }
}

/** A topic that was deleted, or null for one that is there. */
export function deletedTopicOf(after: AfterFields): DeletedTopic | null {
  if (!after.has('deletedAtMs')) return null
  return {
    ...topicOf(after),
    deletedAtMs: after.integer('deletedAtMs'),
    purgeAtMs: after.integer('purgeAtMs'),
    isPurging: after.boolean('isPurging'),
  }
}

/** Null when the records are gone: the outcome closes the intent. */
export function openPurgeOf(after: AfterFields, name: string): OpenPurge | null {
  const intent = after.integer('intent')
  if (after.text('phase') !== 'intent') return null
  return {
    intent,
    name,
    topicId: after.text('topicId'),
    partition: after.integer('partition'),
    offset: after.integer('offset'),
  }
}

export function userOf(after: AfterFields): User {
  const stored = after.object('credentials')
  const credentials: Partial<Record<ScramMechanism, ScramCredential>> = {}
  for (const mechanism of SCRAM_MECHANISMS) {
    if (!stored.has(mechanism)) continue
    const credential = stored.object(mechanism)
    const iterations = credential.integer('iterations')
    credentials[mechanism] = { ...secretOf(credential), iterations }
  }
  return { name: after.text('name'), credentials }
}

function secretOf(fields: AfterFields): SecretReference {
  return { secretId: fields.text('secretId'), commitment: fields.text('commitment') }
}

export function aclOf(after: AfterFields): AclBinding {
  return {
    resourceType: after.oneOf('resourceType', ACL_RESOURCE_TYPES),
    resourceName: after.text('resourceName'),
    patternType: after.oneOf('patternType', PATTERN_TYPES),
    principal: after.text('principal'),
    host: after.text('host'),
    operation: after.oneOf('operation', ACL_OPERATIONS),
    permission: after.oneOf('permission', ACL_PERMISSIONS),
  }
}

export function clientQuotaOf(after: AfterFields): ClientQuota {
  const fields = after.object('entity')
  const entity: { -readonly [Name in keyof QuotaEntity]: string | null } = {}
  for (const name of ['user', 'clientId', 'ip'] as const) {
    if (fields.names().includes(name)) entity[name] = fields.textOrNull(name)
  }
  const stored = after.object('limits')
  const limits: ClientQuota['limits'] = Object.fromEntries(
    QUOTA_KEYS.filter((key) => stored.has(key)).map((key) => [key, stored.number(key)]),
  )
  return { entity, limits }
}

export function accountOf(after: AfterFields): Account {
  return {
    name: after.text('name'),
    roles: after.textList('roles'),
    isDisabled: after.boolean('isDisabled'),
    person: after.has('person') ? secretOf(after.object('person')) : null,
    createdAtMs: after.integer('createdAtMs'),
  }
}

export function roleOf(after: AfterFields): Role {
  return { name: after.text('name'), rules: after.objectList('rules').map(roleRuleOf) }
}

function roleRuleOf(fields: AfterFields): RoleRule {
  return {
    resourceType: fields.oneOf('resourceType', ACL_RESOURCE_TYPES),
    operation: fields.oneOf('operation', ACL_OPERATIONS),
    resourceName: fields.text('resourceName'),
    patternType: fields.oneOf('patternType', PATTERN_TYPES),
  }
}

export function apiTokenOf(after: AfterFields): ApiToken {
  return {
    id: after.text('id'),
    account: after.text('account'),
    label: after.text('label'),
    createdAtMs: after.integer('createdAtMs'),
    expiresAtMs: after.integer('expiresAtMs'),
    secret: secretOf(after.object('secret')),
  }
}

export function delegationTokenOf(after: AfterFields): DelegationToken {
  return {
    id: after.text('id'),
    owner: after.text('owner'),
    requester: after.text('requester'),
    renewers: after.textList('renewers'),
    issuedAtMs: after.integer('issuedAtMs'),
    expiresAtMs: after.integer('expiresAtMs'),
    maxTimestampMs: after.integer('maxTimestampMs'),
    secret: secretOf(after.object('secret')),
  }
}

export function listenerOf(after: AfterFields): ListenerOverride {
  const name = after.text('name')
  if (after.boolean('isRemoved')) return { name, isRemoved: true }
  const endpoint = (fields: AfterFields) => ({
    host: fields.text('host'),
    port: fields.integer('port'),
  })
  return {
    name,
    ...endpoint(after),
    advertised: after.has('advertised') ? endpoint(after.object('advertised')) : null,
    protocol: after.text('protocol'),
    isRemoved: false,
  }
}

export function ruleGroupOf(after: AfterFields): RuleGroup {
  return { ...after.whole, name: after.text('name') }
}

export function contactPointOf(after: AfterFields): ContactPoint {
  const stored = after.object('secrets')
  const secrets = stored.names().map((name) => [name, secretOf(stored.object(name))] as const)
  return {
    name: after.text('name'),
    settings: after.document('settings'),
    secrets: Object.fromEntries(secrets),
  }
}

export function notificationPolicyOf(after: AfterFields): JsonObject {
  after.document('route')
  return after.whole
}

function planWindowOf(fields: AfterFields): DiskPolicy['planWindow'] {
  return { from: fields.text('from'), to: fields.text('to') }
}

export function diskPolicyOf(after: AfterFields): DiskPolicy {
  const ceiling = 'capacityCeilingBytes'
  return {
    mode: after.oneOf('mode', DISK_POLICY_MODES),
    // Records of before there was a choice have none of both.
    driver: after.has('driver')
      ? after.oneOf('driver', DISK_POLICY_DRIVERS)
      : DEFAULT_DISK_POLICY.driver,
    planWindow: after.has('planWindow') ? planWindowOf(after.object('planWindow')) : null,
    thresholdPercent: after.integer('thresholdPercent'),
    stepPercent: after.integer('stepPercent'),
    cooldownMs: after.integer('cooldownMs'),
    retentionFloorMs: after.integer('retentionFloorMs'),
    capacityCeilingBytes: after.has(ceiling) ? after.integer(ceiling) : null,
    capacityGranularityBytes: after.integer('capacityGranularityBytes'),
    effectiveRetentionPercent: after.integer('effectiveRetentionPercent'),
  }
}
