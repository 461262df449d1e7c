import type { ConfigFault, ConfigValues } from '../../kit/index.ts'
import type { LogConfig } from '../log/index.ts'
import type { BrokerConfigLayers } from './broker-config.ts'
import { mergeLayers } from './broker-config.ts'
import { brokerConfigs } from './broker-configs.ts'
import { configSynonyms } from './config-synonyms.ts'
import { topicConfigs } from './topic-configs.ts'

type Texts = Readonly<Record<string, string>>
export type TopicConfigValues = ConfigValues<typeof topicConfigs.rows>

/** A topic's configuration as it is in effect: its own values over the broker's over the defaults. */
export interface EffectiveTopicConfig {
  readonly log: LogConfig
  /** `max.message.bytes`: largest record batch, as stored. */
  readonly maxMessageBytes: number
  readonly minInsyncReplicas: number
  /** `producer` keeps what the producer chose. */
  readonly compressionType: 'producer' | 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
  /** Codec level for `compressionType`; undefined leaves it to the codec. */
  readonly compressionLevel: number | undefined
  /** `message.timestamp.before.max.ms` and `.after.max.ms`, for timestamps that the producer set. */
  readonly timestampBeforeMaxMs: number
  readonly timestampAfterMaxMs: number
}

/** What a topic that sets nothing gets: by topic configuration, as text, only where the broker says something. */
export function topicDefaults(layers: BrokerConfigLayers): Texts {
  const set = mergeLayers(layers)
  const defaults: Record<string, string> = {}
  for (const [topicName, synonyms] of configSynonyms) {
    const strongest = synonyms.find(({ name }) => (set[name] ?? rowDefault(name)) !== null)
    const text = strongest && (set[strongest.name] ?? rowDefault(strongest.name))
    if (strongest && text) defaults[topicName] = scale(text, strongest.factor)
  }
  return defaults
}

function rowDefault(name: string): string | null {
  return brokerConfigs.row(name)?.default ?? null
}

/** The text in the topic's unit; negative values mean "for ever" in every unit. */
export function scale(text: string, factor: number): string {
  if (factor === 1) return text
  const value = BigInt(text.trim())
  return value < 0n ? '-1' : String(value * BigInt(factor))
}

/** Every fault of a topic's own configs, given the broker's defaults. */
export function topicConfigFaults(configs: Texts, defaults: Texts): readonly ConfigFault[] {
  const faults = topicConfigs.faults(configs)
  if (faults.length > 0) return faults
  const values = topicConfigs.parse({ ...defaults, ...configs })
  if (values.minCompactionLagMs <= values.maxCompactionLagMs) return []
  return [
    {
      name: 'min.compaction.lag.ms',
      message: `conflict topic config setting min.compaction.lag.ms (${values.minCompactionLagMs}) > max.compaction.lag.ms (${values.maxCompactionLagMs})`,
    },
  ]
}

/**
 * The values in effect of a topic with these configs, less those that an older version accepted and
 * this one does not. Internal topics are never relaxed.
 */
export function effectiveTopicConfig(
  configs: Texts,
  defaults: Texts,
  internal: boolean,
): EffectiveTopicConfig {
  const values = topicConfigs.parse({ ...defaults, ...topicConfigs.sound(configs) })
  const { compressionType } = values
  return {
    log: logConfig(values, internal),
    maxMessageBytes: values.maxMessageBytes,
    minInsyncReplicas: values.minInsyncReplicas,
    compressionType: compressionType === 'uncompressed' ? 'none' : compressionType,
    compressionLevel: compressionLevel(values),
    timestampBeforeMaxMs: values.messageTimestampBeforeMaxMs,
    timestampAfterMaxMs: values.messageTimestampAfterMaxMs,
  }
}

function logConfig(values: TopicConfigValues, internal: boolean): LogConfig {
  return {
    cleanup: {
      delete: values.cleanupPolicy.includes('delete'),
      compact: values.cleanupPolicy.includes('compact'),
    },
    retentionMs: values.retentionMs,
    retentionBytes: values.retentionBytes,
    segmentBytes: values.segmentBytes,
    segmentMs: values.segmentMs,
    deleteRetentionMs: values.deleteRetentionMs,
    minCompactionLagMs: values.minCompactionLagMs,
    maxCompactionLagMs: values.maxCompactionLagMs,
    minCleanableDirtyRatio: values.minCleanableDirtyRatio,
    timestampType: values.messageTimestampType === 'LogAppendTime' ? 'append' : 'create',
    durability: internal ? 'disk' : values.glasslogDurability,
  }
}

function compressionLevel(values: TopicConfigValues): number | undefined {
  switch (values.compressionType) {
    case 'gzip':
      return values.compressionGzipLevel === -1 ? undefined : values.compressionGzipLevel
    case 'lz4':
      return values.compressionLz4Level
    case 'zstd':
      return values.compressionZstdLevel
    default:
      return undefined
  }
}
