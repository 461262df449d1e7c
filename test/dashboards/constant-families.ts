/** Families that public boards read and that cannot change here, each with the reason. They count as data. */
export const CONSTANT_FAMILIES: ReadonlyMap<string, string> = new Map([
  ['kafka_topic_partition_replicas', 'a partition has one replica'],
  [
    'kafka_topic_partition_in_sync_replica',
    'a partition has one replica, which is in sync with itself',
  ],
  ['kafka_topic_partition_under_replicated_partition', 'one replica cannot be behind itself'],
  ['kafka_topic_partition_leader_is_preferred', 'the only replica is the preferred one'],
  ['kafka_cluster_partition_atminisr', 'min.insync.replicas of one is met by the only replica'],
  ['kafka_server_replicamanager_underreplicatedpartitions', 'one replica cannot be behind itself'],
  ['kafka_controller_kafkacontroller_activecontrollercount', 'the only broker is the controller'],
  [
    'kafka_controller_kafkacontroller_offlinepartitionscount',
    'partitions are online while the broker answers',
  ],
  [
    'kafka_controller_controllerstats_uncleanleaderelections_total',
    'there is nobody else to elect',
  ],
  ['kafka_log_logmanager_offlinelogdirectorycount', 'a broker whose only directory fails stops'],
])
