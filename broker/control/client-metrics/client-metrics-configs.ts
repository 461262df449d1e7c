import { defineConfigTable } from '../../../kit/index.ts'

/** In `metrics`: every metric that a client has. */
export const ALL_CLIENT_METRICS = '*'

/** What is known of a client, by which a subscription chooses the clients that it is for. */
export const CLIENT_ATTRIBUTES = [
  'client_instance_id',
  'client_id',
  'client_software_name',
  'client_software_version',
  'client_source_address',
  'client_source_port',
] as const
export type ClientAttribute = (typeof CLIENT_ATTRIBUTES)[number]

/** The configurations of one subscription of client metrics (KIP-714), by Kafka's names. */
export const clientMetricsConfigs = defineConfigTable({
  'interval.ms': {
    type: 'int',
    default: '300000',
    min: 100,
    max: 3_600_000,
    doc: 'How often clients push. Of several subscriptions that a client matches the shortest counts, and never more than the default.',
    status: 'active',
    shownBy: 'broker/client-metrics/client-metrics.test.ts',
  },
  match: {
    type: 'list',
    default: '',
    doc: `Which clients: \`attribute=pattern\` items that must all match the whole attribute, with regular expressions (RE2) as patterns; empty for all clients. Attributes: ${CLIENT_ATTRIBUTES.join(', ')}.`,
    status: 'active',
    shownBy: 'broker/client-metrics/client-metrics.test.ts',
  },
  metrics: {
    type: 'list',
    default: '',
    doc: 'Prefixes of the names of metrics that clients push; `*` for all. Empty for none.',
    status: 'active',
    shownBy: 'broker/client-metrics/client-metrics.test.ts',
  },
})
