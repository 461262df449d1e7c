import type { ConfigRow } from '../../kit/index.ts'

type InertRow = Extract<ConfigRow, { status: 'inert' }>
type Sketch = readonly [
  type: 'boolean' | 'string' | 'list' | 'int' | 'long',
  byDefault: string | null,
  doc: string,
]

function inert<Name extends string>(
  because: string,
  sketches: Readonly<Record<Name, Sketch>>,
): Readonly<Record<Name, InertRow>> {
  const rows = Object.entries<Sketch>(sketches).map(([name, [type, byDefault, doc]]) => [
    name,
    { type, default: byDefault, doc, status: 'inert', because } satisfies InertRow,
  ])
  // The names of the rows are the names of the sketches.
  return Object.fromEntries(rows) as Record<Name, InertRow>
}

const replication = inert('there is one broker, so nothing is replicated, elected or moved', {
  'auto.leader.rebalance.enable': ['boolean', 'true', 'Moves leaders back to preferred replicas.'],
  'controlled.shutdown.enable': ['boolean', 'true', 'Moves leaders away before a stop.'],
  'controlled.shutdown.max.retries': ['int', '3', 'Tries of a controlled shutdown.'],
  'controlled.shutdown.retry.backoff.ms': ['long', '5000', 'Pause between these tries.'],
  'leader.imbalance.check.interval.seconds': ['long', '300', 'How often leaders are balanced.'],
  'leader.imbalance.per.broker.percentage': ['int', '10', 'Imbalance that is put up with.'],
  'num.replica.fetchers': ['int', '1', 'Threads that replicate.'],
  'offsets.topic.replication.factor': ['int', '1', 'Replicas of __consumer_offsets.'],
  'replica.fetch.backoff.ms': ['int', '1000', 'Pause of a follower after an error.'],
  'replica.fetch.max.bytes': ['int', '1048576', 'Bytes that a follower fetches per partition.'],
  'replica.fetch.min.bytes': ['int', '1', 'Bytes that a follower waits for.'],
  'replica.fetch.response.max.bytes': ['int', '10485760', 'Bytes that a follower fetches at once.'],
  'replica.fetch.wait.max.ms': ['int', '500', "Longest wait of a follower's fetch."],
  'replica.lag.time.max.ms': ['long', '30000', 'Lag at which a replica leaves the ISR.'],
  'replica.selector.class': ['string', null, 'Chooses the replica that consumers read from.'],
  'replica.socket.timeout.ms': ['int', '30000', "Timeout of a follower's requests."],
})

const identity = inert('there is one broker, and it is the controller', {
  'controller.listener.names': ['string', null, 'Listeners of the controller.'],
  'controller.quorum.voters': ['list', '', 'Controllers of the cluster.'],
  'inter.broker.listener.name': ['string', null, 'Listener for other brokers.'],
  'process.roles': ['list', '', 'Whether the process is a broker, a controller, or both.'],
  'zookeeper.connect': ['string', null, 'Addresses of ZooKeeper.'],
})

const plugins = inert('there are no plug-ins', {
  'alter.config.policy.class.name': ['string', null, 'Decides about changes of configurations.'],
  'authorizer.class.name': ['string', '', 'Decides who may do what.'],
  'create.topic.policy.class.name': ['string', null, 'Decides about new topics.'],
  'metric.reporters': ['list', '', 'Where metrics are sent.'],
  'remote.log.storage.system.enable': ['boolean', 'false', 'Whether there is a remote tier.'],
})

const groups = inert('the group coordinator has one way of doing this', {
  'group.coordinator.rebalance.protocols': ['list', 'classic', 'Protocols of groups.'],
  'offsets.topic.compression.codec': ['int', '0', 'How __consumer_offsets is compressed.'],
})

const threads = inert('the work is not spread over pools of threads that could be sized', {
  'background.threads': ['int', '10', 'Threads for background work.'],
  'log.cleaner.threads': ['int', '1', 'Logs that are compacted at the same time.'],
  'num.io.threads': ['int', '8', 'Threads that process requests.'],
  'num.network.threads': ['int', '3', 'Threads that serve sockets.'],
  'num.recovery.threads.per.data.dir': ['int', '2', 'Threads that recover logs at start.'],
  'queued.max.requests': ['int', '500', 'Requests that wait for a thread.'],
})

const transactions = inert('transactions are not served yet', {
  'transaction.max.timeout.ms': ['int', '900000', 'Longest timeout of a transaction.'],
  'transaction.state.log.min.isr': ['int', '1', 'min.insync.replicas of __transaction_state.'],
  'transaction.state.log.num.partitions': ['int', '50', 'Partitions of __transaction_state.'],
  'transaction.state.log.replication.factor': ['int', '1', 'Replicas of __transaction_state.'],
  'transactional.id.expiration.ms': [
    'int',
    '604800000',
    'How long an idle transactional id is kept.',
  ],
})

const flushing = inert('the journal is forced to disk before any record is acknowledged', {
  'log.flush.interval.ms': ['long', null, 'Default of the topic configuration flush.ms.'],
  'log.flush.offset.checkpoint.interval.ms': [
    'int',
    '60000',
    'How often recovery points are written.',
  ],
  'log.flush.start.offset.checkpoint.interval.ms': [
    'int',
    '60000',
    'How often log starts are written.',
  ],
  'log.flush.scheduler.interval.ms': [
    'long',
    '9223372036854775807',
    'How often logs are checked for flushing.',
  ],
})

const buffers = inert('the engine sizes its own buffers, queues and indexes', {
  'log.roll.jitter.hours': ['int', '0', 'segment.jitter.ms in hours, when the next is not set.'],
  'log.roll.jitter.ms': ['long', null, 'Default of the topic configuration segment.jitter.ms.'],
  'offsets.load.buffer.size': ['int', '5242880', 'Batch size when offsets are loaded.'],
  'socket.listen.backlog.size': ['int', '50', 'Connections that wait to be accepted.'],
  'socket.receive.buffer.bytes': ['int', '102400', 'SO_RCVBUF of a connection.'],
  'socket.send.buffer.bytes': ['int', '102400', 'SO_SNDBUF of a connection.'],
})

/** Broker configurations of Kafka that people set but that have no effect here, each with the reason. */
export const inertBrokerConfigs = {
  ...replication,
  ...identity,
  ...plugins,
  ...groups,
  ...threads,
  ...transactions,
  ...flushing,
  ...buffers,
}
