import type { HistoryRecord } from '../../../audit/index.ts'
import { HistoryError } from '../../../audit/index.ts'
import { aclId } from '../access.ts'
import { AUDIT_TOPIC } from '../audit-topic.ts'
import { RESTORED_BACKUP } from '../backup-resources.ts'
import { EVENTS_TOPIC } from '../events-topic.ts'
import type { ReportedResource } from '../reported-operations.ts'
import { AfterFields } from './after-fields.ts'
import type { FoldedState } from './folded-state.ts'
import {
  accountOf,
  aclOf,
  apiTokenOf,
  clientQuotaOf,
  contactPointOf,
  delegationTokenOf,
  deletedTopicOf,
  diskPolicyOf,
  listenerOf,
  notificationPolicyOf,
  openPurgeOf,
  roleOf,
  ruleGroupOf,
  topicOf,
  userOf,
} from './resource-json.ts'

/** Puts the resource that a record is about, or removes it when `after` is null. */
type Apply = (state: FoldedState, record: HistoryRecord) => void

/** What the monitor did changes nothing here but how far its reports have come. */
const applyReport: Apply = ({ tables }, record) => {
  const outbox = record.resource.id ?? ''
  const position = AfterFields.of(record).integer('position')
  tables.outboxes.set(outbox, Math.max(position, tables.outboxes.get(outbox) ?? 0))
}

const REPORTS: Readonly<Record<ReportedResource, Apply>> = {
  silence: applyReport,
  alert: applyReport,
  ticket: applyReport,
  finding: applyReport,
  'disk-action': applyReport,
  'contact-point-test': applyReport,
}

/**
 * What each kind of resource does to the state. A kind without members changes nothing in it: what
 * happened is in the record, or outside (the offsets of groups lie in `__consumer_offsets`).
 */
const APPLY: Readonly<Record<string, Apply>> = {
  cluster(state, record) {
    const after = AfterFields.of(record)
    state.setClusterId(after.text('clusterId'))
    if (after.has('auditKey')) state.setAuditKey(after.text('auditKey'))
    const createdAtMs = Date.parse(record.recordedAt)
    for (const topic of [AUDIT_TOPIC, EVENTS_TOPIC]) state.putTopic({ ...topic, createdAtMs })
  },
  topic(state, record) {
    const id = record.resource.id ?? ''
    const wasThrottled = state.tables.topicsById.get(id)?.quota !== undefined
    if (wasThrottled) state.setQuotaSeq(record.seq)
    if (record.after === null) {
      state.removeTopic(id)
      return
    }
    const after = AfterFields.of(record)
    if (after.has('quota')) state.setQuotaSeq(record.seq)
    const deleted = deletedTopicOf(after)
    if (deleted) state.putDeletedTopic(deleted)
    else state.putTopic(topicOf(after))
  },
  'broker-config': (state, record) =>
    state.setBrokerConfigs(record.resource.name, AfterFields.of(record).texts('configs')),
  'client-metrics'(state, record) {
    const { tables } = state
    const { name } = record.resource
    state.setClientMetricsSeq(record.seq)
    if (record.after === null) tables.clientMetrics.delete(name)
    else tables.clientMetrics.set(name, AfterFields.of(record).texts('configs'))
  },
  'producer-ids': (state, record) =>
    state.setNextProducerId(BigInt(AfterFields.of(record).text('nextProducerId'))),
  records(state, record) {
    const after = AfterFields.of(record)
    const purge = openPurgeOf(after, record.resource.name)
    if (purge) state.openPurge(purge)
    else state.closePurge(after.integer('intent'))
  },
  user({ tables }, record) {
    if (record.after === null) tables.users.delete(record.resource.name)
    else tables.users.set(record.resource.name, userOf(AfterFields.of(record)))
  },
  acl(state, record) {
    const { tables } = state
    state.setAccessSeq(record.seq)
    if (record.after === null) {
      tables.acls.delete(record.resource.id ?? '')
      return
    }
    const binding = aclOf(AfterFields.of(record))
    tables.acls.set(aclId(binding), binding)
  },
  'client-quota'(state, record) {
    const { tables } = state
    const { name } = record.resource
    state.setQuotaSeq(record.seq)
    if (record.after === null) tables.quotas.delete(name)
    else tables.quotas.set(name, clientQuotaOf(AfterFields.of(record)))
  },
  account(state, record) {
    const { tables } = state
    state.setAccessSeq(record.seq)
    if (record.after === null) tables.accounts.delete(record.resource.name)
    else tables.accounts.set(record.resource.name, accountOf(AfterFields.of(record)))
  },
  role(state, record) {
    const { tables } = state
    state.setAccessSeq(record.seq)
    if (record.after === null) tables.roles.delete(record.resource.name)
    else tables.roles.set(record.resource.name, roleOf(AfterFields.of(record)))
  },
  'api-token'({ tables }, record) {
    const id = record.resource.id ?? ''
    if (record.after === null) tables.tokens.delete(id)
    else tables.tokens.set(id, apiTokenOf(AfterFields.of(record)))
  },
  'delegation-token'({ tables }, record) {
    const { name } = record.resource
    if (record.after === null) tables.delegationTokens.delete(name)
    else tables.delegationTokens.set(name, delegationTokenOf(AfterFields.of(record)))
  },
  'audit-key': (state, record) => state.setAuditKey(AfterFields.of(record).text('verifierKey')),
  listener({ tables }, record) {
    const { name } = record.resource
    if (record.after === null) tables.listeners.delete(name)
    else tables.listeners.set(name, listenerOf(AfterFields.of(record)))
  },
  'disk-capacity'(state, record) {
    const isSet = record.after !== null
    state.setDiskCapacity(isSet ? AfterFields.of(record).integer('capacityBytes') : null)
  },
  'disk-policy'(state, record) {
    state.setDiskPolicy(record.after === null ? null : diskPolicyOf(AfterFields.of(record)))
  },
  backup(state, record) {
    const after = AfterFields.of(record)
    if (record.resource.name === RESTORED_BACKUP.name) {
      // Where it was made its end came later; here it is known to be whole.
      if (after.text('backupId') === state.runningBackup) state.setRunningBackup(null)
      return
    }
    const isRunning = after.text('phase') === 'running'
    state.setRunningBackup(isRunning ? after.text('backupId') : null)
  },
  'rule-group'({ tables }, record) {
    const { name } = record.resource
    if (record.after === null) tables.ruleGroups.delete(name)
    else tables.ruleGroups.set(name, ruleGroupOf(AfterFields.of(record)))
  },
  'contact-point'({ tables }, record) {
    const { name } = record.resource
    if (record.after === null) tables.contactPoints.delete(name)
    else tables.contactPoints.set(name, contactPointOf(AfterFields.of(record)))
  },
  'notification-policy'(state, record) {
    const isSet = record.after !== null
    state.setNotificationPolicy(isSet ? notificationPolicyOf(AfterFields.of(record)) : null)
  },
  ...REPORTS,
  'group-offsets': () => {},
  rewind: () => {},
  'contact-point-secrets': () => {},
  attempts: () => {},
  audit: () => {},
}

/**
 * Applies one record: its `after` is the resource from now on. Pure but for `state`, and the only
 * way in which state changes. Throws a HistoryError for what this program does not understand.
 */
export function applyRecord(state: FoldedState, record: HistoryRecord): void {
  if (record.outcome.code === 'NONE' || record.after !== null) applyAfter(state, record)
  state.setSeq(record.seq)
}

function applyAfter(state: FoldedState, record: HistoryRecord): void {
  const { kind } = record.resource
  const apply = Object.hasOwn(APPLY, kind) ? APPLY[kind] : undefined
  if (!apply) {
    throw new HistoryError(
      `record ${record.seq} is about a ${JSON.stringify(kind)}, which this program does not know`,
    )
  }
  apply(state, record)
}
