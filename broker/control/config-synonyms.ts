/** A broker configuration that gives a topic configuration its default. */
export interface ConfigSynonym {
  readonly name: string
  /** Factor from the broker's unit to the topic's. */
  readonly factor: number
}

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

const same = (...names: readonly string[]): readonly ConfigSynonym[] =>
  names.map((name) => ({ name, factor: 1 }))

/**
 * For each topic configuration the broker configurations that stand for it when the topic does
 * not set it, strongest first: the first that has a value counts. Kafka's own table (the names
 * differ for historical reasons). Topic configurations without a row have no broker default.
 */
export const configSynonyms: ReadonlyMap<string, readonly ConfigSynonym[]> = new Map([
  ['cleanup.policy', same('log.cleanup.policy')],
  ['compression.gzip.level', same('compression.gzip.level')],
  ['compression.lz4.level', same('compression.lz4.level')],
  ['compression.type', same('compression.type')],
  ['compression.zstd.level', same('compression.zstd.level')],
  ['delete.retention.ms', same('log.cleaner.delete.retention.ms')],
  ['file.delete.delay.ms', same('log.segment.delete.delay.ms')],
  ['flush.messages', same('log.flush.interval.messages')],
  ['flush.ms', same('log.flush.interval.ms', 'log.flush.scheduler.interval.ms')],
  ['index.interval.bytes', same('log.index.interval.bytes')],
  ['max.compaction.lag.ms', same('log.cleaner.max.compaction.lag.ms')],
  ['max.message.bytes', same('message.max.bytes')],
  ['message.downconversion.enable', same('log.message.downconversion.enable')],
  ['message.timestamp.after.max.ms', same('log.message.timestamp.after.max.ms')],
  ['message.timestamp.before.max.ms', same('log.message.timestamp.before.max.ms')],
  ['message.timestamp.type', same('log.message.timestamp.type')],
  ['min.cleanable.dirty.ratio', same('log.cleaner.min.cleanable.ratio')],
  ['min.compaction.lag.ms', same('log.cleaner.min.compaction.lag.ms')],
  ['min.insync.replicas', same('min.insync.replicas')],
  ['preallocate', same('log.preallocate')],
  ['retention.bytes', same('log.retention.bytes')],
  [
    'retention.ms',
    [
      { name: 'log.retention.ms', factor: 1 },
      { name: 'log.retention.minutes', factor: MINUTE_MS },
      { name: 'log.retention.hours', factor: HOUR_MS },
    ],
  ],
  ['segment.bytes', same('log.segment.bytes')],
  ['segment.index.bytes', same('log.index.size.max.bytes')],
  [
    'segment.jitter.ms',
    [
      { name: 'log.roll.jitter.ms', factor: 1 },
      { name: 'log.roll.jitter.hours', factor: HOUR_MS },
    ],
  ],
  [
    'segment.ms',
    [
      { name: 'log.roll.ms', factor: 1 },
      { name: 'log.roll.hours', factor: HOUR_MS },
    ],
  ],
  ['unclean.leader.election.enable', same('unclean.leader.election.enable')],
])
