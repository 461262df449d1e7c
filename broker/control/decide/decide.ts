import type { Command } from '../commands.ts'
import type { FoldedState } from '../fold/folded-state.ts'
import type { GroupCommand } from '../group-changes.ts'
import type { ReportedKind } from '../reported-operations.ts'
import { reportedKinds } from '../reported-operations.ts'
import {
  decideAlterAccount,
  decideCreateAccount,
  decideDeleteAccount,
  decideErasePerson,
} from './accounts.ts'
import { decideCreateAcl, decideDeleteAcl } from './acls.ts'
import { decideRotateAuditKey } from './audit-key.ts'
import { decideCreateBackup, decideRestoreBackup } from './backups.ts'
import { decideAlterClientMetrics } from './client-metrics.ts'
import { decideAlterClientQuota } from './client-quotas.ts'
import { decideAlterBrokerConfig, decideAlterTopicConfig } from './configs.ts'
import { decideDeleteContactPoint, decidePutContactPoint } from './contact-points.ts'
import type { Decision, DecisionContext } from './decision.ts'
import {
  decideCreateDelegationToken,
  decideExpireDelegationToken,
  decideRenewDelegationToken,
} from './delegation-tokens.ts'
import { decideDeleteTopic, decidePurgeTopic, decideRestoreTopic } from './deleted-topics.ts'
import { decideAlterDiskCapacity, decideAlterRetentionPolicy } from './disk.ts'
import { decideAlterListener } from './listeners.ts'
import { decidePutNotificationPolicy } from './notification-policy.ts'
import { decideAllocateProducerIds } from './producer-ids.ts'
import { decideDeleteRecords } from './records.ts'
import { decideReportedOperation } from './reported-operations.ts'
import { decideAlterRole, decideCreateRole, decideDeleteRole } from './roles.ts'
import { decideDeleteRuleGroup, decidePutRuleGroup } from './rule-groups.ts'
import { decideCreateToken, decideRevokeToken } from './tokens.ts'
import { decideAlterTopicQuota } from './topic-quotas.ts'
import { decideCreatePartitions, decideCreateTopic } from './topics.ts'
import { decideDeleteScramCredential, decideUpsertScramCredential } from './users.ts'

type Decide<C extends Command> = (
  state: FoldedState,
  command: C,
  context: DecisionContext,
) => Decision<C>

/** Commands that change the control plane's own state. */
export type StateCommand = Exclude<Command, GroupCommand>

type Decisions<Kinds extends StateCommand['kind']> = {
  readonly [Kind in Kinds]: Decide<Extract<Command, { kind: Kind }>>
}

const reported = Object.fromEntries(
  reportedKinds.map((kind) => [kind, decideReportedOperation]),
) as unknown as Decisions<ReportedKind>

const DECISIONS: Decisions<StateCommand['kind']> = {
  'topic.create': decideCreateTopic,
  'topic.delete': decideDeleteTopic,
  'topic.restore': decideRestoreTopic,
  'topic.purge': decidePurgeTopic,
  'topic.partitions.create': decideCreatePartitions,
  'topic.config.alter': decideAlterTopicConfig,
  'topic.quota.alter': decideAlterTopicQuota,
  'broker.config.alter': decideAlterBrokerConfig,
  'client-metrics.alter': decideAlterClientMetrics,
  'records.delete': decideDeleteRecords,
  'producer-ids.allocate': decideAllocateProducerIds,
  'user.scram.upsert': decideUpsertScramCredential,
  'user.scram.delete': decideDeleteScramCredential,
  'acl.create': decideCreateAcl,
  'acl.delete': decideDeleteAcl,
  'quota.alter': decideAlterClientQuota,
  'account.create': decideCreateAccount,
  'account.alter': decideAlterAccount,
  'account.delete': decideDeleteAccount,
  'role.create': decideCreateRole,
  'role.alter': decideAlterRole,
  'role.delete': decideDeleteRole,
  'token.create': decideCreateToken,
  'token.revoke': decideRevokeToken,
  'delegation-token.create': decideCreateDelegationToken,
  'delegation-token.renew': decideRenewDelegationToken,
  'delegation-token.expire': decideExpireDelegationToken,
  'listener.alter': decideAlterListener,
  'disk.capacity.alter': decideAlterDiskCapacity,
  'retention-policy.alter': decideAlterRetentionPolicy,
  'backup.create': decideCreateBackup,
  'backup.restore': decideRestoreBackup,
  'audit.key.rotate': decideRotateAuditKey,
  'person.erase': decideErasePerson,
  'rule.put': decidePutRuleGroup,
  'rule.delete': decideDeleteRuleGroup,
  'contact-point.put': decidePutContactPoint,
  'contact-point.delete': decideDeleteContactPoint,
  'notification-policy.put': decidePutNotificationPolicy,
  ...reported,
}

/** What a command would do to this state. Pure. */
export function decide(
  state: FoldedState,
  command: StateCommand,
  context: DecisionContext,
): Decision {
  // The table gives each kind the decision of that kind, which a union of functions cannot say.
  const decideOne = DECISIONS[command.kind] as Decide<StateCommand>
  return decideOne(state, command, context)
}
