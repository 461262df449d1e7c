import type { Reversal } from '../../audit/index.ts'
import { LATEST_BACKUP, RESTORED_BACKUP } from './backup-resources.ts'
import type { Command } from './commands.ts'
import type { Need } from './needs.ts'
import { alterCluster, onCluster, onGroup, onTopic, onUser } from './needs.ts'
import { quotaEntityKey } from './quotas.ts'
import type { ReportedKind, ReportedOperations, ReportedResource } from './reported-operations.ts'
import { REPORTED_OPERATIONS, reportedKinds } from './reported-operations.ts'

/** What kinds of things records are about. The fold knows each; one that it does not know stops it. */
export type ResourceKind =
  | 'cluster'
  | 'topic'
  | 'broker-config'
  | 'client-metrics'
  | 'producer-ids'
  | 'records'
  | 'user'
  | 'acl'
  | 'client-quota'
  | 'account'
  | 'role'
  | 'api-token'
  | 'delegation-token'
  | 'audit-key'
  | 'backup'
  | 'group-offsets'
  | 'listener'
  | 'disk-capacity'
  | 'disk-policy'
  | 'rule-group'
  | 'contact-point'
  | 'notification-policy'
  | ReportedResource

type Of<Kind extends Command['kind']> = Extract<Command, { readonly kind: Kind }>

export interface Operation<C extends Command = Command> {
  readonly resource: ResourceKind
  /** What the resource is called in the record of an attempt that was not even decided. */
  readonly nameOf: (command: C) => string
  /** All of them are needed. None: the decision itself looks at who asks, or only the broker asks. */
  readonly needs: readonly Need<C>[]
  /** What a record may declare; the decision says which, when there are several. */
  readonly reversal: readonly Reversal[]
  /** How each door asks for it: Kafka's APIs, and methods and paths of HTTP. */
  readonly kafka: readonly string[]
  readonly http: readonly string[]
  /** For people: what it does, in one sentence. */
  readonly doc: string
}

/** The monitor hands them in with the token of the root account; the route lets in nobody else. */
function reportedRow(kind: ReportedKind): Operation<ReportedOperations> {
  const { resource, doc } = REPORTED_OPERATIONS[kind]
  return {
    resource,
    nameOf: ({ name }) => name,
    needs: alterCluster,
    reversal: ['none'],
    kafka: [],
    http: ['POST /v1/monitor/operations'],
    doc: `${doc} The monitor does it, and tells.`,
  }
}

type ReportedRows = { readonly [Kind in ReportedKind]: Operation<Of<Kind>> }

const reportedRows = Object.fromEntries(
  reportedKinds.map((kind) => [kind, reportedRow(kind)]),
) as unknown as ReportedRows

/**
 * Every control operation: one row for each kind of command, for both doors. The authorization of a
 * command, docs/operations.md and the golden matrix of permissions derive from it.
 */
export const operations: { readonly [Kind in Command['kind']]: Operation<Of<Kind>> } = {
  'topic.create': {
    resource: 'topic',
    nameOf: ({ name }) => name,
    needs: [
      {
        anyOf: [
          { operation: 'CREATE', resourceType: 'CLUSTER' },
          { operation: 'CREATE', resourceType: 'TOPIC' },
        ],
        names: ({ name }) => [name],
      },
    ],
    reversal: ['side-effects'],
    kafka: ['CreateTopics', 'Metadata'],
    http: ['POST /v1/topics'],
    doc: 'Creates a topic. Metadata does so on first use, where auto.create.topics.enable allows.',
  },
  'topic.delete': {
    resource: 'topic',
    nameOf: ({ name }) => name ?? '',
    needs: [
      onTopic('DELETE', ({ name, id }, { tables }) =>
        id === undefined ? name : tables.topicsById.get(id)?.name,
      ),
    ],
    reversal: ['side-effects', 'none'],
    kafka: ['DeleteTopics'],
    http: ['DELETE /v1/topics/{topic}'],
    doc: 'Hides a topic and frees its name; its data stays for topic.undelete.retention.ms.',
  },
  'topic.restore': {
    resource: 'topic',
    nameOf: ({ name }) => name ?? '',
    needs: [
      {
        anyOf: [{ operation: 'CREATE', resourceType: 'TOPIC' }],
        // Of both names: nobody reads what was in a topic by bringing it back as one of their own.
        names({ name, id, newName }, { tables }) {
          const oldName = id === undefined ? name : tables.deletedTopics.get(id)?.name
          return [oldName, newName].filter((one) => one !== undefined)
        },
      },
    ],
    reversal: ['full'],
    kafka: [],
    http: ['POST /v1/topics/{topic}/restore'],
    doc: 'Brings a deleted topic back whole: id, configurations, records, committed offsets; under another name with the rules that its old name has.',
  },
  'topic.purge': {
    resource: 'topic',
    nameOf: () => '',
    needs: [onTopic('DELETE', ({ id }, { tables }) => tables.deletedTopics.get(id)?.name)],
    reversal: ['none'],
    kafka: [],
    http: ['DELETE /v1/deleted-topics/{id}', 'DELETE /v1/topics/{topic}'],
    doc: 'Removes the data of a deleted topic: by request, when its time is over, or when the disk is full.',
  },
  'topic.partitions.create': {
    resource: 'topic',
    nameOf: ({ name }) => name,
    needs: [onTopic('ALTER', ({ name }) => name)],
    reversal: ['none'],
    kafka: ['CreatePartitions'],
    http: ['PATCH /v1/topics/{topic}'],
    doc: 'Gives a topic more partitions.',
  },
  'topic.config.alter': {
    resource: 'topic',
    nameOf: ({ name }) => name,
    needs: [onTopic('ALTER_CONFIGS', ({ name }) => name)],
    reversal: ['full', 'side-effects'],
    kafka: ['AlterConfigs', 'IncrementalAlterConfigs'],
    http: ['PATCH /v1/topics/{topic}'],
    doc: 'Changes configurations of a topic.',
  },
  'topic.quota.alter': {
    resource: 'topic',
    nameOf: ({ name }) => name,
    needs: [onTopic('ALTER_CONFIGS', ({ name }) => name)],
    reversal: ['full'],
    kafka: [],
    http: ['PUT /v1/topics/{topic}/quota'],
    doc: 'Sets or removes the throttles of a topic.',
  },
  'broker.config.alter': {
    resource: 'broker-config',
    nameOf: ({ brokerId }) => brokerId,
    needs: [onCluster('ALTER_CONFIGS')],
    reversal: ['side-effects'],
    kafka: ['AlterConfigs', 'IncrementalAlterConfigs'],
    http: ['PATCH /v1/configs'],
    doc: 'Changes configurations of the broker, or the defaults of all brokers.',
  },
  'client-metrics.alter': {
    resource: 'client-metrics',
    nameOf: ({ name }) => name,
    needs: [onCluster('ALTER_CONFIGS')],
    reversal: ['full'],
    kafka: ['AlterConfigs', 'IncrementalAlterConfigs'],
    http: ['PUT /v1/client-metrics/{subscription}', 'DELETE /v1/client-metrics/{subscription}'],
    doc: 'Sets or removes a subscription of client metrics: what which clients report of themselves, and how often.',
  },
  'records.delete': {
    resource: 'records',
    nameOf: ({ topic, partition }) => `${topic}-${partition}`,
    needs: [onTopic('DELETE', ({ topic }) => topic)],
    reversal: ['none'],
    kafka: ['DeleteRecords'],
    http: ['DELETE /v1/topics/{topic}/records'],
    doc: 'Deletes the records of a partition below an offset.',
  },
  'producer-ids.allocate': {
    resource: 'producer-ids',
    nameOf: () => 'producer-ids',
    needs: [],
    reversal: ['none'],
    kafka: ['InitProducerId'],
    http: [],
    doc: 'The broker itself takes a block of producer ids, on behalf of whoever needs the next one.',
  },
  'user.scram.upsert': {
    resource: 'user',
    nameOf: ({ name }) => name,
    needs: alterCluster,
    reversal: ['full', 'none'],
    kafka: ['AlterUserScramCredentials'],
    http: ['PUT /v1/users/{user}'],
    doc: 'Sets the password of a user; one that was replaced does not come back. Of root only root.',
  },
  'user.scram.delete': {
    resource: 'user',
    nameOf: ({ name }) => name,
    needs: alterCluster,
    reversal: ['none'],
    kafka: ['AlterUserScramCredentials'],
    http: ['DELETE /v1/users/{user}'],
    doc: 'Removes the password of a user, which does not come back. Of root only root.',
  },
  'acl.create': {
    resource: 'acl',
    nameOf: ({ binding }) => binding.principal,
    needs: alterCluster,
    reversal: ['full'],
    kafka: ['CreateAcls'],
    http: ['POST /v1/acls'],
    doc: 'Adds a rule to the access control list.',
  },
  'acl.delete': {
    resource: 'acl',
    nameOf: ({ binding }) => binding.principal,
    needs: alterCluster,
    reversal: ['full'],
    kafka: ['DeleteAcls'],
    http: ['DELETE /v1/acls'],
    doc: 'Takes a rule away from the access control list.',
  },
  'quota.alter': {
    resource: 'client-quota',
    nameOf: ({ entity }) => quotaEntityKey(entity),
    needs: [onCluster('ALTER_CONFIGS')],
    reversal: ['full'],
    kafka: ['AlterClientQuotas'],
    http: ['PUT /v1/quotas', 'DELETE /v1/quotas'],
    doc: 'Sets or removes limits of a user, a client id, both together, or an address.',
  },
  'account.create': {
    resource: 'account',
    nameOf: ({ name }) => name,
    needs: alterCluster,
    reversal: ['full'],
    kafka: [],
    http: ['POST /v1/accounts'],
    doc: 'Creates an account of the HTTP door, for a name that has no password yet.',
  },
  'account.alter': {
    resource: 'account',
    nameOf: ({ name }) => name,
    needs: alterCluster,
    reversal: ['full', 'side-effects'],
    kafka: [],
    http: ['PATCH /v1/accounts/{account}'],
    doc: 'Changes roles of an account, disables it, or replaces what is known of the person.',
  },
  'account.delete': {
    resource: 'account',
    nameOf: ({ name }) => name,
    needs: alterCluster,
    reversal: ['side-effects'],
    kafka: [],
    http: ['DELETE /v1/accounts/{account}'],
    doc: 'Deletes an account that has no tokens and no password any more.',
  },
  'role.create': {
    resource: 'role',
    nameOf: ({ name }) => name,
    needs: alterCluster,
    reversal: ['full'],
    kafka: [],
    http: ['POST /v1/roles'],
    doc: 'Creates a role: permissions under a name.',
  },
  'role.alter': {
    resource: 'role',
    nameOf: ({ name }) => name,
    needs: alterCluster,
    reversal: ['full'],
    kafka: [],
    http: ['PUT /v1/roles/{role}'],
    doc: 'Replaces the permissions of a role.',
  },
  'role.delete': {
    resource: 'role',
    nameOf: ({ name }) => name,
    needs: alterCluster,
    reversal: ['full'],
    kafka: [],
    http: ['DELETE /v1/roles/{role}'],
    doc: 'Deletes a role that no account has.',
  },
  'token.create': {
    resource: 'api-token',
    nameOf: ({ account }) => account,
    needs: [onUser('CREATE_TOKENS', ({ account }) => `User:${account}`)],
    reversal: ['full'],
    kafka: [],
    http: ['POST /v1/tokens'],
    doc: 'Creates a bearer token of an account; everybody may for their own, and for root only root.',
  },
  'token.revoke': {
    resource: 'api-token',
    nameOf: () => '',
    needs: [
      {
        anyOf: [{ operation: 'CREATE_TOKENS', resourceType: 'USER' }],
        names({ id }, { tables }) {
          const token = tables.tokens.get(id)
          return token ? [`User:${token.account}`] : []
        },
      },
    ],
    reversal: ['none'],
    kafka: [],
    http: ['DELETE /v1/tokens/{token}'],
    doc: 'Revokes a bearer token; everybody may for their own, and for root only root.',
  },
  'delegation-token.create': {
    resource: 'delegation-token',
    nameOf: ({ id }) => id,
    needs: [onUser('CREATE_TOKENS', ({ owner }) => owner)],
    reversal: ['full'],
    kafka: ['CreateDelegationToken'],
    http: [],
    doc: 'Creates a delegation token; everybody may for themselves, and nobody for root.',
  },
  'delegation-token.renew': {
    resource: 'delegation-token',
    nameOf: ({ id }) => id,
    needs: [],
    reversal: ['none'],
    kafka: ['RenewDelegationToken'],
    http: [],
    doc: 'Lets a delegation token live longer; its owner and its renewers may.',
  },
  'delegation-token.expire': {
    resource: 'delegation-token',
    nameOf: ({ id }) => id,
    needs: [],
    reversal: ['none'],
    kafka: ['ExpireDelegationToken'],
    http: [],
    doc: 'Lets a delegation token end sooner, or at once; its owner and its renewers may.',
  },
  'group.offsets.reset': {
    resource: 'group-offsets',
    nameOf: ({ groupId }) => groupId,
    needs: [
      onGroup('READ'),
      {
        anyOf: [{ operation: 'READ', resourceType: 'TOPIC' }],
        names: ({ offsets }) => [...new Set(offsets.map(({ topic }) => topic))],
      },
    ],
    reversal: ['full'],
    kafka: [],
    http: ['PUT /v1/groups/{group}/offsets'],
    doc: 'Sets committed offsets of a group without members.',
  },
  'group.offsets.delete': {
    resource: 'group-offsets',
    nameOf: ({ groupId }) => groupId,
    needs: [onGroup('DELETE'), onTopic('READ', ({ topic }) => topic)],
    reversal: ['full'],
    kafka: ['OffsetDelete'],
    http: ['PUT /v1/groups/{group}/offsets'],
    doc: 'Removes committed offsets of topics that no member of the group subscribes to.',
  },
  'group.delete': {
    resource: 'group-offsets',
    nameOf: ({ groupId }) => groupId,
    needs: [onGroup('DELETE')],
    reversal: ['side-effects'],
    kafka: ['DeleteGroups'],
    http: ['DELETE /v1/groups/{group}'],
    doc: 'Removes a group without members, and its offsets.',
  },
  'listener.alter': {
    resource: 'listener',
    nameOf: ({ name }) => name,
    needs: alterCluster,
    reversal: ['full'],
    kafka: [],
    http: ['PUT /v1/listeners/{listener}', 'DELETE /v1/listeners/{listener}'],
    doc: 'Adds, changes or removes a listener without a restart; not the last one, nor the one by which a client of Kafka asks for it.',
  },
  'disk.capacity.alter': {
    resource: 'disk-capacity',
    nameOf: () => '',
    needs: [onCluster('ALTER')],
    reversal: ['full', 'side-effects'],
    kafka: [],
    http: ['PUT /v1/disk-capacity'],
    doc: 'Sets how much of its volume the broker may use: never more than is there, nor less than is in use. With less of it, deleted topics may go for good.',
  },
  'retention-policy.alter': {
    resource: 'disk-policy',
    nameOf: () => 'disk-policy',
    needs: [onCluster('ALTER')],
    reversal: ['full', 'side-effects'],
    kafka: [],
    http: ['PUT /v1/disk-policy'],
    doc: 'Replaces what shall happen when the disk fills, and how much of their retention topics keep at present.',
  },
  'backup.create': {
    resource: 'backup',
    nameOf: () => LATEST_BACKUP.name,
    needs: alterCluster,
    reversal: ['none'],
    kafka: [],
    http: ['POST /v1/backups', 'POST /v1/backups/{backup}/end'],
    doc: 'Copies all data as it is at one moment: a record when it begins, and one of what came of it.',
  },
  'backup.restore': {
    resource: 'backup',
    nameOf: () => RESTORED_BACKUP.name,
    needs: alterCluster,
    reversal: ['none'],
    kafka: [],
    http: [],
    doc: 'The broker itself says which backup its data came from, at the first start after a restore.',
  },
  'audit.key.rotate': {
    resource: 'audit-key',
    nameOf: () => 'checkpoint',
    needs: alterCluster,
    reversal: ['none'],
    kafka: [],
    http: ['POST /v1/audit/key'],
    doc: 'Names the key that signs checkpoints from now on.',
  },
  'person.erase': {
    resource: 'account',
    nameOf: ({ account }) => account,
    needs: alterCluster,
    reversal: ['none'],
    kafka: [],
    http: ['DELETE /v1/accounts/{account}/person'],
    doc: 'Erases what is known of the person behind an account; records and proofs stay.',
  },
  'rule.put': {
    resource: 'rule-group',
    nameOf: ({ group }) => group.name,
    needs: [onCluster('ALTER_CONFIGS')],
    reversal: ['full'],
    kafka: [],
    http: ['PUT /v1/rules/{group}'],
    doc: 'Replaces a group of alarm rules, or adds it. The monitor evaluates them.',
  },
  'rule.delete': {
    resource: 'rule-group',
    nameOf: ({ name }) => name,
    needs: [onCluster('ALTER_CONFIGS')],
    reversal: ['full'],
    kafka: [],
    http: ['DELETE /v1/rules/{group}'],
    doc: 'Deletes a group of alarm rules.',
  },
  'contact-point.put': {
    resource: 'contact-point',
    nameOf: ({ name }) => name,
    needs: alterCluster,
    reversal: ['full', 'side-effects'],
    kafka: [],
    http: ['PUT /v1/contact-points/{name}'],
    doc: 'Replaces whom one name of the notification policy stands for, or adds it; a secret that was replaced does not come back.',
  },
  'contact-point.delete': {
    resource: 'contact-point',
    nameOf: ({ name }) => name,
    needs: alterCluster,
    reversal: ['full', 'side-effects'],
    kafka: [],
    http: ['DELETE /v1/contact-points/{name}'],
    doc: 'Deletes a contact point that the notification policy does not tell.',
  },
  'notification-policy.put': {
    resource: 'notification-policy',
    nameOf: () => 'notification-policy',
    needs: [onCluster('ALTER_CONFIGS')],
    reversal: ['full'],
    kafka: [],
    http: ['PUT /v1/notification-policy', 'DELETE /v1/notification-policy'],
    doc: 'Replaces who hears of which alerts, or goes back to what is so without it.',
  },
  ...reportedRows,
}

export const operationKinds = Object.keys(operations) as readonly Command['kind'][]

/** The row of a command. */
export function operationOf(command: Command): Operation {
  // The table gives each kind the row of that kind, which a union of functions cannot say.
  return operations[command.kind] as unknown as Operation
}
