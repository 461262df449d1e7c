/** kafkajs: its own protocol code from 2018 on, group defaults of its own, no newer group features. */
import { isCrossRead, step, unsupported } from '../interop.ts'
import * as administration from './admin.ts'
import { plugInCodecs } from './codecs.ts'
import { commitResume, GroupShare } from './groups.ts'
import * as records from './records.ts'

plugInCodecs()
if (isCrossRead) await step('cross-read', records.crossRead)
else await scenario()
process.exit(0)

async function scenario(): Promise<void> {
  const { admin } = administration
  await admin.connect()
  await step('create-topic', administration.createTopics)
  await step('auto-create-topic', records.autoCreate)
  await step('acks', records.acks)
  for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)
    await step(`roundtrip-${codec}`, () => records.roundTrip(codec))
  await step('headers', records.headers)
  await step('idempotent', records.idempotent)
  const share = new GroupShare()
  await step('group-share', () => share.share())
  await step('group-takeover', () => share.takeOver())
  await step('commit-resume', commitResume)
  await step('offset-bounds', administration.bounds)
  await step('seek-time', records.seekTime)
  await step('describe-cluster', administration.describeCluster)
  await step('describe-topics', administration.describeTopics)
  await step('create-partitions', administration.createPartitions)
  await step('describe-configs', administration.describeConfigs)
  await step('alter-configs-legacy', administration.alterConfigs)
  const group = new administration.GroupAdmin()
  await step('describe-group', () => group.listAndDescribe())
  await step('list-groups', () => group.list())
  await step('list-group-offsets', () => group.listOffsets())
  await step('alter-group-offsets', () => group.alterOffsets())
  await step('delete-group', () => group.delete())
  await step('delete-records', administration.deleteRecords)
  await step('list-reassignments', administration.listReassignments)
  await step('delete-topic', administration.deleteTopic)
  await admin.disconnect()
  unsupported('no static members', 'group-static')
  unsupported('no cooperative assignor', 'group-cooperative')
  unsupported('covered by offset-bounds and seek-time', 'list-offsets')
  unsupported('asked by the client itself, not shown to its user', 'api-versions')
  unsupported(
    'no such call',
    'list-config-resources',
    'alter-configs-incremental',
    'delete-group-offsets',
    'describe-log-dirs',
    'describe-producers',
    'elect-leaders',
  )
}
