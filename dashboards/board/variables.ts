import type { Variable } from './board.ts'

/** On every board: which brokers, where one Prometheus watches several, and what is no broker of ours besides. */
export const INSTANCE: Variable = {
  name: 'instance',
  label: 'Broker',
  description: 'Host and port of the admin API that is scraped.',
  family: 'glasslog_partitions',
  valuesOf: 'instance',
}

export const TOPIC: Variable = {
  name: 'topic',
  label: 'Topic',
  description: 'Topics to look at.',
  family: 'kafka_topic_partitions',
  valuesOf: 'topic',
  within: 'instance=~"$instance"',
  isLong: true,
}

export const GROUP: Variable = {
  name: 'group',
  label: 'Consumer group',
  description: 'Consumer groups to look at.',
  family: 'kafka_consumergroup_members',
  valuesOf: 'consumergroup',
  within: 'instance=~"$instance"',
  isLong: true,
}
