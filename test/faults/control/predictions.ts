import type { HistoryRecord, Json } from '../../../audit/index.ts'
import type { Command } from '../../../broker/control/index.ts'
import { aclId } from '../../../broker/control/index.ts'
import type { Members, Model } from './model.ts'

/**
 * What a command must come to: an error, or the whole resource afterwards. Ids, times and
 * references to secrets are the broker's to choose, so they are taken from the record.
 */
export type Prediction = { readonly code: string } | { readonly after: Json }

type Of<Kind extends Command['kind']> = Extract<Command, { readonly kind: Kind }>
type Predict<Kind extends Command['kind']> = (
  command: Of<Kind>,
  model: Model,
  record: HistoryRecord,
) => Prediction

const UNDELETE_RETENTION_MS = 24 * 60 * 60 * 1000
const BUILT_IN_ROLES = ['viewer', 'operator', 'admin', 'auditor']
/** The topic of the history itself, which is not among the resources that records are about. */
const AUDIT = '__audit'
/** More than any file system has. */
export const TOO_MANY_BYTES = Number.MAX_SAFE_INTEGER
/** Values that the generators use and that no configuration takes. */
export const BAD_VALUE = 'not a number'

const given = (record: HistoryRecord): Members => (record.after ?? {}) as Members
const chosen = (record: HistoryRecord, ...names: readonly string[]): { [name: string]: Json } =>
  Object.fromEntries(names.map((name) => [name, given(record)[name] ?? null]))

const fails = (code: string): Prediction => ({ code })
const succeeds = (after: Json | Members): Prediction => ({ after: after as Json })

/** One row for each operation that the generators ask for. */
export const PREDICTIONS: { readonly [Kind in Command['kind']]?: Predict<Kind> } = {
  'topic.create'({ name, partitionCount, replicationFactor, configs }, model, record) {
    if (model.liveTopic(name) || name === AUDIT) return fails('TOPIC_ALREADY_EXISTS')
    if (!/^[\w.-]+$/.test(name)) return fails('INVALID_TOPIC_EXCEPTION')
    if (configs.some(({ value }) => value === BAD_VALUE)) return fails('INVALID_CONFIG')
    if (partitionCount === 0) return fails('INVALID_PARTITIONS')
    if (replicationFactor > 1) return fails('INVALID_REPLICATION_FACTOR')
    const defaultCount = Number(model.brokerConfigs()['num.partitions'] ?? 1)
    return succeeds({
      ...chosen(record, 'id', 'createdAtMs'),
      ...{ name, internal: false },
      partitionCount: partitionCount === -1 ? defaultCount : partitionCount,
      configs: Object.fromEntries(configs.map((one) => [one.name, one.value ?? ''])),
    })
  },
  'topic.delete'({ name, purgeNow = false }, model, record) {
    const topic = model.liveTopic(name ?? '')
    if (!topic) return fails('UNKNOWN_TOPIC_OR_PARTITION')
    const { deletedAtMs } = given(record)
    const retentionMs = purgeNow ? 0 : UNDELETE_RETENTION_MS
    const times = { deletedAtMs, purgeAtMs: Number(deletedAtMs) + retentionMs }
    return succeeds({ ...topic, ...times, isPurging: purgeNow })
  },
  'topic.restore'({ name }, model, record) {
    const candidates = model
      .deletedTopics()
      .filter((topic) => topic.name === name && topic.isPurging !== true)
    const latestMs = Math.max(...candidates.map(({ deletedAtMs }) => Number(deletedAtMs)))
    const latest = candidates.filter(({ deletedAtMs }) => deletedAtMs === latestMs)
    // Two of one millisecond: either is the latest.
    const topic = latest.find(({ id }) => id === given(record).id) ?? latest[0]
    if (!topic) return fails('UNKNOWN_TOPIC_OR_PARTITION')
    const { deletedAtMs: _, purgeAtMs: __, isPurging: ___, ...whole } = topic
    return succeeds({ ...whole, name: freeName(String(name), model) })
  },
  'topic.partitions.create'({ name, totalCount }, model) {
    if (name === AUDIT) return fails('POLICY_VIOLATION')
    const topic = model.liveTopic(name)
    if (!topic) return fails('UNKNOWN_TOPIC_OR_PARTITION')
    if (totalCount <= Number(topic.partitionCount)) return fails('INVALID_PARTITIONS')
    return succeeds({ ...topic, partitionCount: totalCount })
  },
  'topic.config.alter'({ name, mode, changes }, model) {
    if (hasBadValue(changes)) return fails('INVALID_CONFIG')
    if (name === AUDIT) return fails('POLICY_VIOLATION')
    const topic = model.liveTopic(name)
    if (!topic) return fails('UNKNOWN_TOPIC_OR_PARTITION')
    return succeeds({ ...topic, configs: changed(topic.configs, mode, changes) })
  },
  'topic.quota.alter'({ name, producerByteRate, consumerByteRate }, model) {
    if (name === AUDIT) return fails('POLICY_VIOLATION')
    const topic = model.liveTopic(name)
    if (!topic) return fails('UNKNOWN_TOPIC_OR_PARTITION')
    const { quota: present, ...rest } = topic
    const quota = {
      producerByteRate: null,
      consumerByteRate: null,
      ...(present as object | undefined),
      ...(producerByteRate === undefined ? {} : { producerByteRate }),
      ...(consumerByteRate === undefined ? {} : { consumerByteRate }),
    }
    const isNone = quota.producerByteRate === null && quota.consumerByteRate === null
    return succeeds(isNone ? rest : { ...rest, quota })
  },
  'broker.config.alter'({ brokerId, mode, changes }, model) {
    if (hasBadValue(changes)) return fails('INVALID_CONFIG')
    const value = model.valueOf({ kind: 'broker-config', name: brokerId, id: null }) as Members
    return succeeds({ configs: changed(value?.configs ?? {}, mode, changes) })
  },
  'records.delete'({ topic: name, partition, offset }, model, record) {
    const topic = model.liveTopic(name)
    if (!topic || partition >= Number(topic.partitionCount)) {
      return fails('UNKNOWN_TOPIC_OR_PARTITION')
    }
    if (offset > 1e9) return fails('OFFSET_OUT_OF_RANGE')
    const wanted = offset === -1 ? (given(record).offset ?? null) : offset
    const what = { phase: 'intent', intent: record.seq, topicId: topic.id }
    return succeeds({ ...what, partition, offset: wanted })
  },
  'user.scram.upsert'({ name, mechanism, iterations }, model, record) {
    if (iterations < 4096) return fails('UNACCEPTABLE_CREDENTIAL')
    const credentials = (model.named('user', name)?.credentials ?? {}) as Members
    const stored = (given(record).credentials as Members | undefined)?.[mechanism]
    const { secretId = null, commitment = null } = (stored ?? {}) as Members
    const credential = { secretId, commitment, iterations }
    return succeeds({ name, credentials: { ...credentials, [mechanism]: credential } as Json })
  },
  'user.scram.delete'({ name, mechanism }, model) {
    const credentials = (model.named('user', name)?.credentials ?? {}) as Members
    if (credentials[mechanism] === undefined) return fails('RESOURCE_NOT_FOUND')
    const { [mechanism]: _, ...left } = credentials
    return succeeds(Object.keys(left).length === 0 ? null : { name, credentials: left as Json })
  },
  'acl.create'({ binding }) {
    const { resourceType, resourceName } = binding
    const isOdd = resourceType === 'CLUSTER' && resourceName !== 'kafka-cluster'
    return isOdd ? fails('INVALID_REQUEST') : succeeds({ ...binding })
  },
  'acl.delete'({ binding }, model) {
    return model.get(`acl:${aclId(binding)}`) ? succeeds(null) : fails('RESOURCE_NOT_FOUND')
  },
  'quota.alter'({ entity, changes }, model, record) {
    if (changes.some(({ value }) => value !== null && value <= 0)) return fails('INVALID_REQUEST')
    const present = model.valueOf(record.resource) as Members | null
    const limits = new Map(Object.entries((present?.limits ?? {}) as Members))
    for (const { key, value } of changes) {
      if (value === null) limits.delete(key)
      else limits.set(key, value)
    }
    if (limits.size === 0) return succeeds(null)
    return succeeds({ entity: { ...entity }, limits: Object.fromEntries(limits) as Json })
  },
  'account.create'({ name, roles, person }, model, record) {
    if (name === 'root' || !areRoles(roles, model)) return fails('INVALID_REQUEST')
    if (model.named('account', name)) return fails('DUPLICATE_RESOURCE')
    if (model.named('user', name)) return fails('POLICY_VIOLATION')
    return succeeds({
      ...{ name, roles: [...new Set(roles)], isDisabled: false },
      person: person ? (given(record).person ?? 'a reference') : null,
      ...chosen(record, 'createdAtMs'),
    })
  },
  'account.alter'({ name, roles, isDisabled, person }, model, record) {
    const account = model.named('account', name)
    if (!account) return fails('RESOURCE_NOT_FOUND')
    // Roles that are kept are looked at as well: one may be gone by now.
    if (!areRoles(roles ?? (account.roles as string[]), model)) return fails('INVALID_REQUEST')
    return succeeds({
      ...account,
      ...(roles === undefined ? {} : { roles: [...new Set(roles)] }),
      ...(isDisabled === undefined ? {} : { isDisabled }),
      ...(person ? { person: given(record).person ?? 'a reference' } : {}),
    })
  },
  'account.delete'({ name }, model) {
    if (!model.named('account', name)) return fails('RESOURCE_NOT_FOUND')
    const hasToken = [...model.ofKind('api-token')].some(({ account }) => account === name)
    return hasToken || model.named('user', name) ? fails('POLICY_VIOLATION') : succeeds(null)
  },
  'person.erase'({ account: name }, model) {
    const account = model.named('account', name)
    return account ? succeeds({ ...account, person: null }) : fails('RESOURCE_NOT_FOUND')
  },
  'role.create'({ name, rules }, model) {
    if (BUILT_IN_ROLES.includes(name)) return fails('INVALID_REQUEST')
    if (model.named('role', name)) return fails('DUPLICATE_RESOURCE')
    return succeeds({ name, rules: rules.map((rule) => ({ ...rule })) })
  },
  'role.alter'({ name, rules }, model) {
    if (BUILT_IN_ROLES.includes(name)) return fails('INVALID_REQUEST')
    if (!model.named('role', name)) return fails('RESOURCE_NOT_FOUND')
    return succeeds({ name, rules: rules.map((rule) => ({ ...rule })) })
  },
  'role.delete'({ name }, model) {
    if (BUILT_IN_ROLES.includes(name)) return fails('INVALID_REQUEST')
    if (!model.named('role', name)) return fails('RESOURCE_NOT_FOUND')
    const isInUse = [...model.ofKind('account')].some(({ roles }) =>
      (roles as readonly string[]).includes(name),
    )
    return isInUse ? fails('POLICY_VIOLATION') : succeeds(null)
  },
  'token.create'({ account, label }, model, record) {
    if (account !== 'root' && !model.named('account', account)) return fails('RESOURCE_NOT_FOUND')
    const free = chosen(record, 'id', 'createdAtMs', 'expiresAtMs', 'secret')
    return succeeds({ ...free, account, label })
  },
  'token.revoke'({ id }, model) {
    return model.get(`api-token:${id}`) ? succeeds(null) : fails('RESOURCE_NOT_FOUND')
  },
  'delegation-token.create'({ owner, renewers }, _model, record) {
    const times = chosen(record, 'issuedAtMs', 'expiresAtMs', 'maxTimestampMs')
    const free = chosen(record, 'id', 'secret')
    return succeeds({ ...free, ...times, owner, requester: owner, renewers: [...renewers] })
  },
  'delegation-token.renew'({ id }, model, record) {
    const token = model.get(`delegation-token:${id}`)?.value
    if (!token) return fails('DELEGATION_TOKEN_NOT_FOUND')
    return succeeds({ ...(token as Members), ...chosen(record, 'expiresAtMs') })
  },
  'delegation-token.expire'({ id, expiryPeriodMs }, model, record) {
    const token = model.get(`delegation-token:${id}`)?.value
    if (!token) return fails('DELEGATION_TOKEN_NOT_FOUND')
    if (expiryPeriodMs < 0) return succeeds(null)
    return succeeds({ ...(token as Members), ...chosen(record, 'expiresAtMs') })
  },
  'listener.alter'({ name, change }, model) {
    if (change.to === 'removed') {
      return model.named('listener', name) ? succeeds(null) : fails('RESOURCE_NOT_FOUND')
    }
    if (change.to === 'configured') return succeeds(null)
    // Nobody gave a certificate.
    if (change.protocol === 'SASL_SSL') return fails('INVALID_CONFIG')
    const { host, port, advertised, protocol } = change
    return succeeds({
      name,
      host,
      port,
      advertised: advertised && { ...advertised },
      protocol,
      isRemoved: false,
    })
  },
  'disk.capacity.alter'({ capacityBytes }, _model, { outcome }) {
    if (capacityBytes === null) return succeeds(null)
    // How large the disk is nobody knows right after a start.
    if (outcome.code === 'REQUEST_TIMED_OUT') return fails(outcome.code)
    return capacityBytes === TOO_MANY_BYTES ? fails('INVALID_REQUEST') : succeeds({ capacityBytes })
  },
  'retention-policy.alter'({ policy }) {
    const { mode, effectiveRetentionPercent } = policy ?? {}
    const isOdd = mode !== 'retention' && effectiveRetentionPercent !== 100
    return isOdd && policy ? fails('INVALID_CONFIG') : succeeds(policy && { ...policy })
  },
  'rule.put'({ group }) {
    const rules = group.rules as readonly Members[]
    const isOdd = rules.some(({ alert, record }) => alert !== undefined && record !== undefined)
    return isOdd ? fails('INVALID_CONFIG') : succeeds(group)
  },
  'rule.delete': ({ name }, model) =>
    model.named('rule-group', name) ? succeeds(null) : fails('RESOURCE_NOT_FOUND'),
  'contact-point.put'({ name, settings, secrets = {} }, model, record) {
    const [config] = (settings.webhook_configs ?? []) as readonly Members[]
    if (config?.url_file !== undefined) return fails('INVALID_CONFIG')
    const isNamed = config?.url_secret !== undefined
    const isGiven = Object.keys(secrets).length > 0
    const present = (model.named('contact-point', name)?.secrets ?? {}) as Members
    if (isGiven && !isNamed) return fails('INVALID_CONFIG')
    if (!isNamed) return succeeds({ name, settings, secrets: {} })
    if (isGiven) return succeeds({ name, settings, ...chosen(record, 'secrets') })
    const isThere = Object.keys(present).length > 0
    return isThere
      ? succeeds({ name, settings, secrets: present as Json })
      : fails('INVALID_CONFIG')
  },
  'contact-point.delete'({ name }, model) {
    if (!model.named('contact-point', name)) return fails('RESOURCE_NOT_FOUND')
    return receiversOf(model).includes(name) ? fails('POLICY_VIOLATION') : succeeds(null)
  },
  'notification-policy.put'({ policy }, model) {
    const isThere = (name: string): boolean =>
      name === 'console' || model.named('contact-point', name) !== undefined
    const isGood = policy === null || receiversIn(policy).every(isThere)
    return isGood ? succeeds(policy) : fails('INVALID_CONFIG')
  },
  // Groups lie outside of the state: what the record says of them is compared with the group itself.
  'group.offsets.reset': ({ groupId }, _model, record) =>
    succeeds({ groupId, ...chosen(record, 'offsets') }),
  'group.offsets.delete': (_command, _model, record) => ofGroup(record),
  'group.delete': (_command, _model, record) => ofGroup(record),
  'producer-ids.allocate': (_command, _model, record) => succeeds(record.after),
  'audit.key.rotate': (_command, _model, record) => succeeds(record.after),
}

/** Whether there is a group, its own offsets tell. */
function ofGroup({ after, outcome }: HistoryRecord): Prediction {
  return outcome.code === 'GROUP_ID_NOT_FOUND' ? fails(outcome.code) : succeeds(after)
}

/** What the command must come to. */
export function predict(command: Command, model: Model, record: HistoryRecord): Prediction {
  // Each row takes the command of its own kind, which is that of the key.
  const rows = PREDICTIONS as unknown as Readonly<Record<string, Predict<never>>>
  const row = rows[command.kind]
  if (!row) throw new Error(`nothing is predicted of ${command.kind}`)
  return row(command as never, model, record)
}

/** Whom a policy of one route with others below tells. */
function receiversIn(policy: Members): readonly string[] {
  const { receiver, routes } = policy.route as Members
  const below = (routes ?? []) as readonly Members[]
  return [receiver, ...below.map((route) => route.receiver)].map(String)
}

function receiversOf(model: Model): readonly string[] {
  const name = 'notification-policy'
  const policy = model.valueOf({ kind: name, name, id: null }) as Members | null
  return policy ? receiversIn(policy) : []
}

function freeName(name: string, model: Model): string {
  if (!model.liveTopic(name)) return name
  for (let number = 1; ; number++) {
    const candidate = `${name}-restored${number === 1 ? '' : `-${number}`}`
    if (!model.liveTopic(candidate)) return candidate
  }
}

type Changes = Of<'topic.config.alter'>['changes']

function hasBadValue(changes: Changes): boolean {
  return changes.some((change) => change.op !== 'delete' && change.value === BAD_VALUE)
}

function changed(
  configs: Json | undefined,
  mode: 'replace' | 'incremental',
  changes: Changes,
): Json {
  const texts = new Map(mode === 'replace' ? [] : Object.entries((configs ?? {}) as Members))
  for (const change of changes) {
    if (change.op === 'delete') texts.delete(change.name)
    else texts.set(change.name, change.value)
  }
  return Object.fromEntries(texts) as Json
}

function areRoles(roles: readonly string[], model: Model): boolean {
  return roles.every((role) => BUILT_IN_ROLES.includes(role) || model.named('role', role))
}
