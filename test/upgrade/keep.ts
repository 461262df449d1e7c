/**
 * `node test/upgrade/keep.ts VERSION` writes test/upgrade/data/VERSION: a data directory as this
 * program leaves it when it is killed. Run once for each release; never overwrite an old one.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { COMMITTED, GROUP, kafkaOf, produce, RECORDS, TRIMMED_TO } from './kept-content.ts'
import { startSmallBroker } from './small-broker.ts'

const version = process.argv[2]
if (!version) throw new Error('usage: node test/upgrade/keep.ts VERSION')

const directory = await mkdtemp(join(tmpdir(), 'glasslog-keep-'))
const first = await startSmallBroker(directory)
const before = kafkaOf(first)
const admin = before.admin()
await admin.connect()
const topics = ['steady', 'crashed', 'trimmed', 'gone'].map((topic) => ({ topic }))
await admin.createTopics({ topics })
for (const { topic } of topics) await produce(before, topic, 0, RECORDS / 2)
await produce(before, 'steady', RECORDS / 2, RECORDS)
await produce(before, 'trimmed', RECORDS / 2, RECORDS)
// kafkajs deletes only from partitions that this admin client has met before.
await admin.fetchTopicOffsets('trimmed')
await admin.deleteTopicRecords({
  topic: 'trimmed',
  partitions: [{ partition: 0, offset: String(TRIMMED_TO) }],
})
await admin.setOffsets({
  groupId: GROUP,
  topic: 'steady',
  partitions: [{ partition: 0, offset: String(COMMITTED) }],
})
await admin.deleteTopics({ topics: ['gone'] })
await admin.disconnect()
await first.stop()

const second = await startSmallBroker(directory)
await produce(kafkaOf(second), 'crashed', RECORDS / 2, RECORDS)
const kept = join(import.meta.dirname, 'data', version)
await cp(directory, kept, { recursive: true, errorOnExist: true, force: false })
for (const name of ['lock', 'root.token', 'endpoints.json']) await rm(join(kept, name))
await second.stop()
await rm(directory, { recursive: true })
console.log(`kept ${kept}`)
process.exit(0)
