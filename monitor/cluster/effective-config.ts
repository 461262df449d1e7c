import type { ConfigEntry, Topic } from './entities.ts'

type Configs = ReadonlyMap<string, ConfigEntry>

/** The number that a configuration of the broker has; null when it is not set, or is no number. */
export function brokerNumber(configs: Configs, name: string): number | null {
  const text = configs.get(name)?.value
  if (text === undefined || text === null || text === '') return null
  const value = Number(text)
  return Number.isFinite(value) ? value : null
}

/** How long a topic keeps records, in ms; null for ever. */
export function retentionMs(topic: Topic, configs: Configs): number | null {
  const own = topic.configs['retention.ms']
  const value =
    own === undefined
      ? (brokerNumber(configs, 'log.retention.ms') ??
        scaled(brokerNumber(configs, 'log.retention.minutes'), 60_000) ??
        scaled(brokerNumber(configs, 'log.retention.hours'), 3_600_000))
      : Number(own)
  return value === null || value < 0 ? null : value
}

/** How many bytes a partition keeps; null for any number. */
export function retentionBytes(topic: Topic, configs: Configs): number | null {
  const own = topic.configs['retention.bytes']
  const value = own === undefined ? brokerNumber(configs, 'log.retention.bytes') : Number(own)
  return value === null || value < 0 ? null : value
}

/** Whether old records are deleted at all, and not only compacted. */
export function deletesOldRecords(topic: Topic, configs: Configs): boolean {
  const policy = topic.configs['cleanup.policy'] ?? configs.get('log.cleanup.policy')?.value
  return (policy ?? 'delete').includes('delete')
}

function scaled(value: number | null, factor: number): number | null {
  if (value === null) return null
  return value < 0 ? -1 : value * factor
}
