import { abbreviate } from '../../kit/index.ts'
import type { Encodable, ErrorName } from '../../protocol/index.ts'
import { DescribeConfigsRequest, DescribeConfigsResponse, errors } from '../../protocol/index.ts'
import type { ConfigEntry } from '../control/index.ts'
import {
  brokerConfigs,
  DENIED_ERRORS,
  describeBrokerConfigs,
  describeClientMetricsConfigs,
  describeClusterWideConfigs,
  describeTopicConfigs,
  topicConfigs,
  topicNameFault,
} from '../control/index.ts'
import { isAllowed, isAllowedOnCluster } from './authorize.ts'
import {
  configSourceCode,
  configTypeCode,
  MAX_MESSAGE_LENGTH,
  RESOURCE_TYPES,
} from './config-resources.ts'
import type { RequestContext } from './handler.ts'
import { defineHandler } from './handler.ts'
import type { BrokerServices } from './services.ts'

type AskedResource = DescribeConfigsRequest['resources'][number]
type ResourceAnswer = Encodable<typeof DescribeConfigsResponse>['results'][number]
type EntryAnswer = ResourceAnswer['configs'][number]

/** Each resource of a few bytes is answered with kilobytes, so that there must be bounds. */
const MAX_RESOURCES = 10_000
/** Configurations of all resources together: what so many topics and this broker have. */
const MAX_ENTRIES = MAX_RESOURCES * topicConfigs.names.length + 2 * brokerConfigs.names.length
const LIMITS = `One request may name ${MAX_RESOURCES} resources, and is answered with at most ${MAX_ENTRIES} configurations.`

type Description =
  | { readonly kind: 'entries'; readonly entries: readonly ConfigEntry[] }
  | { readonly kind: 'refused'; readonly error: ErrorName; readonly message: string | null }

/**
 * DescribeConfigs v0-v4 (KIP-133, KIP-226, KIP-569): every configuration that a topic, a broker
 * or a subscription of client metrics has here, with its source, its synonyms, and from v3 its type and documentation. Those without
 * effect are read-only, and their documentation says why.
 */
export const describeConfigs = defineHandler(
  DescribeConfigsRequest,
  DescribeConfigsResponse,
  {
    versions: '0-4',
    stage: 'ordered',
    permissions: [
      { operation: 'DESCRIBE_CONFIGS', resource: 'TOPIC' },
      { operation: 'DESCRIBE_CONFIGS', resource: 'CLUSTER' },
    ],
    notes: [LIMITS],
    skipped: ['Broker loggers and groups have no configurations here: the answer is empty.'],
  },
  ({ resources, includeSynonyms, includeDocumentation }, context, broker) => {
    const { apiVersion } = context
    let entriesLeft = resources.length > MAX_RESOURCES ? 0 : MAX_ENTRIES
    const results = resources.map((resource): ResourceAnswer => {
      const found = entriesLeft > 0 ? describe(resource, context, broker) : TOO_MANY
      const { resourceType, resourceName } = resource
      const refused = found.kind === 'refused' ? found : null
      const entries = found.kind === 'entries' ? found.entries : []
      entriesLeft -= entries.length
      return {
        errorCode: errors[refused?.error ?? 'NONE'].code,
        errorMessage: refused?.message ? abbreviate(refused.message, MAX_MESSAGE_LENGTH) : null,
        resourceType,
        resourceName,
        configs: entries.map((entry) => ({
          ...entryAnswer(entry, apiVersion),
          synonyms: includeSynonyms ? entry.synonyms.map(synonymAnswer) : [],
          documentation: includeDocumentation ? entry.doc : null,
        })),
      }
    })
    return { results }
  },
)

const TOO_MANY: Description = { kind: 'refused', error: 'INVALID_REQUEST', message: LIMITS }

function describe(
  resource: AskedResource,
  context: RequestContext,
  broker: BrokerServices,
): Description {
  const { resourceType, resourceName, configurationKeys } = resource
  const denied = deniedOf(resource, context, broker)
  if (denied !== null) return { kind: 'refused', error: denied, message: null }
  const wanted = configurationKeys?.length ? configurationKeys : null
  switch (resourceType) {
    case RESOURCE_TYPES.topic:
      return describeTopic(resourceName, wanted, broker)
    case RESOURCE_TYPES.broker:
      return describeBroker(resourceName, wanted, broker)
    case RESOURCE_TYPES.clientMetrics:
      return describeClientMetrics(resourceName, wanted, broker)
    case RESOURCE_TYPES.brokerLogger:
    case RESOURCE_TYPES.group:
      return { kind: 'entries', entries: [] }
    default: {
      const message = `Unsupported resource type: ${resourceType}`
      return { kind: 'refused', error: 'INVALID_REQUEST', message }
    }
  }
}

/** The error of what the client may not see; null when it may. */
function deniedOf(
  { resourceType, resourceName }: AskedResource,
  context: RequestContext,
  broker: BrokerServices,
): ErrorName | null {
  switch (resourceType) {
    case RESOURCE_TYPES.topic:
    case RESOURCE_TYPES.group: {
      const type = resourceType === RESOURCE_TYPES.topic ? 'TOPIC' : 'GROUP'
      const isOpen = isAllowed(context, broker, 'DESCRIBE_CONFIGS', type, resourceName)
      return isOpen ? null : DENIED_ERRORS[type]
    }
    case RESOURCE_TYPES.broker:
    case RESOURCE_TYPES.brokerLogger:
    case RESOURCE_TYPES.clientMetrics:
      return isAllowedOnCluster(context, broker, 'DESCRIBE_CONFIGS') ? null : DENIED_ERRORS.CLUSTER
    default:
      return null
  }
}

function describeTopic(
  name: string,
  wanted: readonly string[] | null,
  { control }: BrokerServices,
): Description {
  const fault = topicNameFault(name)
  if (fault !== null) return { kind: 'refused', error: 'INVALID_TOPIC_EXCEPTION', message: fault }
  const topic = control.state.topics.get(name)
  if (!topic) return { kind: 'refused', error: 'UNKNOWN_TOPIC_OR_PARTITION', message: null }
  const entries = describeTopicConfigs(topic, control.config.layers, wanted)
  return { kind: 'entries', entries }
}

/** A subscription that nobody made is described by the defaults, as in Kafka. */
function describeClientMetrics(
  name: string,
  wanted: readonly string[] | null,
  { control }: BrokerServices,
): Description {
  if (name === '') {
    const message = 'Client metrics subscription name must not be empty'
    return { kind: 'refused', error: 'INVALID_REQUEST', message }
  }
  const set = control.state.clientMetrics.get(name) ?? {}
  return { kind: 'entries', entries: describeClientMetricsConfigs(set, wanted) }
}

function describeBroker(
  name: string,
  wanted: readonly string[] | null,
  { control, node }: BrokerServices,
): Description {
  const { config } = control
  if (name === '') return { kind: 'entries', entries: describeClusterWideConfigs(config, wanted) }
  if (name === String(node.id)) {
    return { kind: 'entries', entries: describeBrokerConfigs(config, wanted) }
  }
  const message = /^[+-]?\d+$/.test(name)
    ? `Unexpected broker id, expected ${node.id} or empty string, but received ${name}`
    : `Broker id must be an integer, but it is: ${name}`
  return { kind: 'refused', error: 'INVALID_REQUEST', message }
}

function entryAnswer(entry: ConfigEntry, apiVersion: number): EntryAnswer {
  return {
    name: entry.name,
    value: entry.value,
    readOnly: entry.readOnly,
    // Replaced by the source in v1, and not on the wire from there on.
    ...(apiVersion === 0 ? { isDefault: entry.source === 'default' } : {}),
    configSource: configSourceCode(entry.source),
    isSensitive: entry.secret,
    configType: configTypeCode(entry.type),
  }
}

function synonymAnswer(synonym: ConfigEntry['synonyms'][number]) {
  const { name, value, source } = synonym
  return { name, value, source: configSourceCode(source) }
}
