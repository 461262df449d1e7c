import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ConfigRow, ConfigSchema } from '../../kit/index.ts'
import { formatConfigText, propertyName } from '../../kit/index.ts'
import { brokerConfigs } from './broker-configs.ts'
import { configSynonyms } from './config-synonyms.ts'
import { renderConfigurationDoc } from './configuration-doc.ts'
import { topicConfigs } from './topic-configs.ts'

const root = join(import.meta.dirname, '../..')

/** What Kafka 4.1 documents as configurations of a topic. */
const KAFKA_TOPIC_CONFIGS = [
  'cleanup.policy',
  'compression.gzip.level',
  'compression.lz4.level',
  'compression.type',
  'compression.zstd.level',
  'delete.retention.ms',
  'file.delete.delay.ms',
  'flush.messages',
  'flush.ms',
  'follower.replication.throttled.replicas',
  'index.interval.bytes',
  'leader.replication.throttled.replicas',
  'local.retention.bytes',
  'local.retention.ms',
  'max.compaction.lag.ms',
  'max.message.bytes',
  'message.timestamp.after.max.ms',
  'message.timestamp.before.max.ms',
  'message.timestamp.type',
  'min.cleanable.dirty.ratio',
  'min.compaction.lag.ms',
  'min.insync.replicas',
  'preallocate',
  'remote.log.copy.disable',
  'remote.log.delete.on.disable',
  'remote.storage.enable',
  'retention.bytes',
  'retention.ms',
  'segment.bytes',
  'segment.index.bytes',
  'segment.jitter.ms',
  'segment.ms',
  'unclean.leader.election.enable',
]

const TABLES: readonly (readonly [string, ConfigSchema])[] = [
  ['topic', topicConfigs],
  ['broker', brokerConfigs],
]

describe.each(TABLES)('the table of %s configurations', (_, table) => {
  const rows = table.names.flatMap((name): (readonly [string, ConfigRow])[] => {
    const row = table.row(name)
    return row ? [[name, row]] : []
  })

  it('has defaults that it would accept', () => {
    const defaults = rows.flatMap(([name, row]) =>
      row.default === null ? [] : [[name, row.default]],
    )
    expect(table.faults(Object.fromEntries(defaults))).toEqual([])
    for (const [, row] of rows) {
      if (row.default !== null) expect(formatConfigText(row, row.default)).toBe(row.default)
    }
  })

  it('accepts a configuration only if a test shows its effect', () => {
    const unshown = rows.flatMap(([name, row]) => {
      if (row.status === 'inert') return []
      const path = join(root, row.shownBy)
      const test = existsSync(path) ? readFileSync(path, 'utf8') : ''
      const isNamed = test.includes(name) || test.includes(propertyName(name))
      return isNamed ? [] : [`${name} is not named in ${row.shownBy}`]
    })
    expect(unshown).toEqual([])
  })

  it('says in sentences what each does', () => {
    for (const [name, row] of rows) expect(`${name}: ${row.doc}`).toMatch(/: \S.*\.$/)
  })
})

describe('the tables together', () => {
  it('know every topic configuration of Kafka', () => {
    expect(KAFKA_TOPIC_CONFIGS.filter((name) => !topicConfigs.row(name))).toEqual([])
  })

  it("agree on what has an effect: a topic's configuration and the broker's default of it", () => {
    for (const [topicName, synonyms] of configSynonyms) {
      for (const { name } of synonyms) {
        const status = brokerConfigs.row(name)?.status
        expect([name, status]).toEqual([name, topicConfigs.row(topicName)?.status])
      }
    }
  })

  it('are all in the documentation, with the reason of what has no effect', () => {
    const lines = renderConfigurationDoc().split('\n')
    for (const [, table] of TABLES) {
      for (const name of table.names) {
        const row = table.row(name)
        const about = lines.filter((line) => line.startsWith(`| \`${name}\` `)).join('')
        expect(about).toContain(row?.status === 'inert' ? row.because : row?.shownBy)
      }
    }
  })
})
