import type { ConfigRow } from '../../kit/index.ts'
import { defineConfigTable } from '../../kit/index.ts'
import { inertBrokerConfigs } from './broker-configs-inert.ts'
import { securityConfigs } from './broker-configs-security.ts'
import { topicConfigs } from './topic-configs.ts'

const topicRows = topicConfigs.rows

/** The broker's default of a topic configuration: the same row, changeable while the broker runs. */
function defaultOf<Row extends ConfigRow>(
  row: Row,
  topicConfig: string,
): Row & { readonly dynamic: true } {
  const shownBy = 'broker/control/effective-topic-config.test.ts'
  const changed = {
    ...row,
    ...(row.status === 'active' ? { shownBy } : {}),
    dynamic: true,
    doc: `Default of the topic configuration ${topicConfig}.`,
  }
  // Texts for people were replaced by other texts; what values are made of is the row's own.
  return changed as Row & { readonly dynamic: true }
}

/**
 * The broker configurations that people set, by Kafka's names: those that have an effect here, and
 * those that are known but have none.
 */
export const brokerConfigs = defineConfigTable({
  ...inertBrokerConfigs,
  ...securityConfigs,

  // Defaults of topic configurations. config-synonyms.ts says which is whose.
  'compression.gzip.level': defaultOf(
    topicRows['compression.gzip.level'],
    'compression.gzip.level',
  ),
  'compression.lz4.level': defaultOf(topicRows['compression.lz4.level'], 'compression.lz4.level'),
  'compression.type': defaultOf(topicRows['compression.type'], 'compression.type'),
  'compression.zstd.level': defaultOf(
    topicRows['compression.zstd.level'],
    'compression.zstd.level',
  ),
  'log.cleaner.delete.retention.ms': defaultOf(
    topicRows['delete.retention.ms'],
    'delete.retention.ms',
  ),
  'log.cleaner.max.compaction.lag.ms': defaultOf(
    topicRows['max.compaction.lag.ms'],
    'max.compaction.lag.ms',
  ),
  'log.cleaner.min.cleanable.ratio': defaultOf(
    topicRows['min.cleanable.dirty.ratio'],
    'min.cleanable.dirty.ratio',
  ),
  'log.cleaner.min.compaction.lag.ms': defaultOf(
    topicRows['min.compaction.lag.ms'],
    'min.compaction.lag.ms',
  ),
  'log.cleanup.policy': defaultOf(topicRows['cleanup.policy'], 'cleanup.policy'),
  'log.flush.interval.messages': defaultOf(topicRows['flush.messages'], 'flush.messages'),
  'log.index.interval.bytes': defaultOf(topicRows['index.interval.bytes'], 'index.interval.bytes'),
  'log.index.size.max.bytes': defaultOf(topicRows['segment.index.bytes'], 'segment.index.bytes'),
  'log.message.downconversion.enable': defaultOf(
    topicRows['message.downconversion.enable'],
    'message.downconversion.enable',
  ),
  'log.message.timestamp.after.max.ms': defaultOf(
    topicRows['message.timestamp.after.max.ms'],
    'message.timestamp.after.max.ms',
  ),
  'log.message.timestamp.before.max.ms': defaultOf(
    topicRows['message.timestamp.before.max.ms'],
    'message.timestamp.before.max.ms',
  ),
  'log.message.timestamp.type': defaultOf(
    topicRows['message.timestamp.type'],
    'message.timestamp.type',
  ),
  'log.preallocate': defaultOf(topicRows.preallocate, 'preallocate'),
  'log.retention.bytes': defaultOf(topicRows['retention.bytes'], 'retention.bytes'),
  'log.segment.bytes': defaultOf(topicRows['segment.bytes'], 'segment.bytes'),
  'log.segment.delete.delay.ms': defaultOf(
    topicRows['file.delete.delay.ms'],
    'file.delete.delay.ms',
  ),
  'message.max.bytes': defaultOf(topicRows['max.message.bytes'], 'max.message.bytes'),
  'min.insync.replicas': defaultOf(topicRows['min.insync.replicas'], 'min.insync.replicas'),
  'unclean.leader.election.enable': defaultOf(
    topicRows['unclean.leader.election.enable'],
    'unclean.leader.election.enable',
  ),
  'log.retention.hours': {
    type: 'int',
    default: '168',
    doc: 'Default of the topic configuration retention.ms, in hours, when neither log.retention.ms nor log.retention.minutes is set.',
    status: 'active',
    shownBy: 'broker/control/effective-topic-config.test.ts',
  },
  'log.retention.minutes': {
    type: 'int',
    default: null,
    doc: 'Default of the topic configuration retention.ms, in minutes, when log.retention.ms is not set.',
    status: 'active',
    shownBy: 'broker/control/effective-topic-config.test.ts',
  },
  'log.retention.ms': {
    type: 'long',
    default: null,
    min: -1,
    dynamic: true,
    doc: 'Default of the topic configuration retention.ms.',
    status: 'active',
    shownBy: 'broker/control/effective-topic-config.test.ts',
  },
  'log.roll.hours': {
    type: 'int',
    default: '168',
    min: 1,
    doc: 'Default of the topic configuration segment.ms, in hours, when log.roll.ms is not set.',
    status: 'active',
    shownBy: 'broker/control/effective-topic-config.test.ts',
  },
  'log.roll.ms': {
    type: 'long',
    default: null,
    min: 1,
    dynamic: true,
    doc: 'Default of the topic configuration segment.ms.',
    status: 'active',
    shownBy: 'broker/control/effective-topic-config.test.ts',
  },

  // Topics.
  'auto.create.topics.enable': {
    type: 'boolean',
    default: 'true',
    dynamic: true,
    doc: 'Whether a topic is created when a client first asks for it.',
    status: 'active',
    shownBy: 'broker/handlers/03-metadata.test.ts',
  },
  'default.replication.factor': {
    type: 'int',
    default: '1',
    min: 1,
    max: 32767,
    dynamic: true,
    doc: 'Replication factor of topics that are created without one. More than 1 refuses such topics, as there is one broker.',
    status: 'active',
    shownBy: 'broker/control/decide/topics.test.ts',
  },
  'delete.topic.enable': {
    type: 'boolean',
    default: 'true',
    doc: 'Whether topics can be deleted.',
    status: 'active',
    shownBy: 'broker/control/decide/topics.test.ts',
  },
  'delegation.token.expiry.time.ms': {
    type: 'long',
    default: '86400000',
    min: 1,
    doc: 'How long a delegation token is valid, unless it is renewed.',
    status: 'active',
    shownBy: 'broker/control/decide/delegation-tokens.test.ts',
  },
  'delegation.token.max.lifetime.ms': {
    type: 'long',
    default: '604800000',
    min: 1,
    doc: 'How long a delegation token can be valid at most, however often it is renewed.',
    status: 'active',
    shownBy: 'broker/control/decide/delegation-tokens.test.ts',
  },
  'topic.undelete.retention.ms': {
    type: 'long',
    default: '86400000',
    min: 0,
    dynamic: true,
    doc: 'How long the data of a deleted topic stays, so that it can be restored; 0 gives the space back at once.',
    status: 'active',
    shownBy: 'broker/control/deleted-topics.test.ts',
  },
  'glasslog.partitions.max': {
    type: 'int',
    default: '20000',
    min: 1,
    dynamic: true,
    doc: 'How many partitions all topics together may have; creations beyond are refused.',
    status: 'active',
    shownBy: 'broker/control/decide/topics.test.ts',
  },
  'glasslog.scrub.bytes.per.second': {
    type: 'long',
    default: '4194304',
    min: 0,
    dynamic: true,
    doc: 'How fast closed segments are read again in the background, to find damage of the disk while there is a backup without it; it pauses while producers or consumers wait. 0 for not at all.',
    status: 'active',
    shownBy: 'broker/scrub-settings.test.ts',
  },
  'glasslog.scrub.interval.ms': {
    type: 'long',
    default: '604800000',
    min: 60_000,
    dynamic: true,
    doc: 'How long after the beginning of one round over all segments the next one begins, at least.',
    status: 'active',
    shownBy: 'broker/scrub-settings.test.ts',
  },
  'glasslog.replication.factor.clamp': {
    type: 'boolean',
    default: 'false',
    dynamic: true,
    doc: 'Whether a topic that is created with a replication factor above 1 gets 1 instead of an error. For applications with a fixed factor.',
    status: 'active',
    shownBy: 'broker/control/decide/topics.test.ts',
  },
  'num.partitions': {
    type: 'int',
    default: '1',
    min: 1,
    dynamic: true,
    doc: 'Number of partitions of topics that are created without one.',
    status: 'active',
    shownBy: 'broker/control/decide/topics.test.ts',
  },

  // Connections and requests.
  'connections.max.idle.ms': {
    type: 'long',
    default: '600000',
    doc: 'How long a connection may be silent before it is closed; negative is for ever.',
    status: 'active',
    shownBy: 'broker/network/connection.test.ts',
  },
  'fetch.max.bytes': {
    type: 'int',
    default: '57671680',
    min: 1024,
    dynamic: true,
    doc: 'Most bytes of records in one Fetch response, whatever the client asks for.',
    status: 'active',
    shownBy: 'broker/handlers/01-fetch.test.ts',
  },
  'max.connections': {
    type: 'int',
    default: '2147483647',
    min: 0,
    dynamic: true,
    doc: 'How many connections the broker accepts at once.',
    status: 'active',
    shownBy: 'broker/network/kafka-server.test.ts',
  },
  'max.connections.per.ip': {
    type: 'int',
    default: '2147483647',
    min: 0,
    dynamic: true,
    doc: 'How many connections the broker accepts at once from one address; of IPv6 from one /64 network, of which one machine has every address.',
    status: 'active',
    shownBy: 'broker/network/kafka-server.test.ts',
  },
  'max.incremental.fetch.session.cache.slots': {
    type: 'int',
    default: '1000',
    min: 0,
    dynamic: true,
    doc: 'How many incremental fetch sessions are kept.',
    status: 'active',
    shownBy: 'broker/handlers/01-fetch.test.ts',
  },
  'max.request.partition.size.limit': {
    type: 'int',
    default: '2000',
    min: 1,
    dynamic: true,
    doc: 'Most partitions in one DescribeTopicPartitions response.',
    status: 'active',
    shownBy: 'broker/handlers/75-describe-topic-partitions.test.ts',
  },
  'queued.max.request.bytes': {
    type: 'long',
    default: '268435456',
    min: 1,
    doc: 'Bytes of requests that may be in memory at once; beyond it connections are not read from.',
    status: 'active',
    shownBy: 'broker/network/connection.test.ts',
  },
  'socket.request.max.bytes': {
    type: 'int',
    default: '104857600',
    min: 1,
    doc: 'Largest request that is accepted; a larger one is refused before it is read.',
    status: 'active',
    shownBy: 'test/hostile-frames.test.ts',
  },

  // Producers.
  'producer.id.expiration.ms': {
    type: 'int',
    default: '86400000',
    min: 1,
    doc: 'How long the last sequence numbers of an idle idempotent producer are remembered.',
    status: 'active',
    shownBy: 'broker/control/config-effects.test.ts',
  },

  // Groups.
  'group.initial.rebalance.delay.ms': {
    type: 'int',
    default: '3000',
    min: 0,
    doc: 'How long the first rebalance of an empty group waits for more members.',
    status: 'active',
    shownBy: 'broker/groups/classic-group.test.ts',
  },
  'group.max.session.timeout.ms': {
    type: 'int',
    default: '1800000',
    min: 1,
    doc: 'Longest session timeout that a member may ask for.',
    status: 'active',
    shownBy: 'broker/groups/classic-group.test.ts',
  },
  'group.max.size': {
    type: 'int',
    default: '2147483647',
    min: 1,
    doc: 'How many members a group may have.',
    status: 'active',
    shownBy: 'broker/groups/classic-group.test.ts',
  },
  'group.min.session.timeout.ms': {
    type: 'int',
    default: '6000',
    min: 1,
    doc: 'Shortest session timeout that a member may ask for.',
    status: 'active',
    shownBy: 'broker/groups/classic-group.test.ts',
  },
  'offset.metadata.max.bytes': {
    type: 'int',
    default: '4096',
    min: 0,
    doc: 'Longest text that may be committed with an offset.',
    status: 'active',
    shownBy: 'broker/groups/offsets.test.ts',
  },
  'offsets.commit.timeout.ms': {
    type: 'int',
    default: '5000',
    min: 1,
    doc: 'How long a request to the group coordinator waits for the disk before it is told to try again.',
    status: 'active',
    shownBy: 'broker/groups/shard.test.ts',
  },
  'offsets.retention.check.interval.ms': {
    type: 'long',
    default: '600000',
    min: 1,
    doc: 'How often expired offsets are looked for.',
    status: 'active',
    shownBy: 'broker/groups/offsets.test.ts',
  },
  'offsets.retention.minutes': {
    type: 'int',
    default: '10080',
    min: 1,
    doc: 'How long the offsets of a group without members are kept.',
    status: 'active',
    shownBy: 'broker/groups/offsets.test.ts',
  },
  'offsets.topic.num.partitions': {
    type: 'int',
    default: '50',
    min: 1,
    doc: 'Number of partitions of __consumer_offsets when it is created.',
    status: 'active',
    shownBy: 'broker/groups/offsets.test.ts',
  },
  'offsets.topic.segment.bytes': {
    type: 'int',
    default: '104857600',
    min: 1048576,
    doc: 'Segment size of __consumer_offsets when it is created.',
    status: 'active',
    shownBy: 'broker/groups/offsets.test.ts',
  },

  // The storage engine.
  'log.cleaner.backoff.ms': {
    type: 'long',
    default: '15000',
    min: 0,
    dynamic: true,
    doc: 'How long compaction pauses when no log needs it.',
    status: 'active',
    shownBy: 'broker/log/compaction.test.ts',
  },
  'log.cleaner.dedupe.buffer.size': {
    type: 'long',
    default: '134217728',
    min: 1,
    dynamic: true,
    doc: 'Most memory for the keys of the log that is compacted, 24 bytes each. A log with more keys takes several passes.',
    status: 'active',
    shownBy: 'broker/log/compaction.test.ts',
  },
  'log.cleaner.enable': {
    type: 'boolean',
    default: 'true',
    doc: 'Whether logs are compacted.',
    status: 'active',
    shownBy: 'broker/log/compaction.test.ts',
  },
  'log.cleaner.io.buffer.load.factor': {
    type: 'double',
    default: '0.9',
    min: 0.01,
    max: 1,
    dynamic: true,
    doc: 'How full the memory for keys may get. Fuller holds more keys, and takes longer to find them.',
    status: 'active',
    shownBy: 'broker/log/compaction/offset-map.test.ts',
  },
  'log.cleaner.io.buffer.size': {
    type: 'int',
    default: '524288',
    min: 0,
    dynamic: true,
    doc: 'Bytes that compaction reads, and writes, at a time.',
    status: 'active',
    shownBy: 'broker/log/compaction.test.ts',
  },
  'log.cleaner.io.max.bytes.per.second': {
    type: 'double',
    default: '1.7976931348623157e+308',
    min: 1,
    dynamic: true,
    doc: 'How many bytes a second compaction reads and writes at most.',
    status: 'active',
    shownBy: 'broker/log/compaction.test.ts',
  },
  'log.retention.check.interval.ms': {
    type: 'long',
    default: '300000',
    min: 1,
    doc: 'How often segments are checked against the retention of their topic.',
    status: 'active',
    shownBy: 'broker/control/config-effects.test.ts',
  },
})
