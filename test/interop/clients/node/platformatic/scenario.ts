/** @platformatic/kafka: speaks only the newer versions of each API, so it asks the most of a broker. */
import { isCrossRead, step, unsupported } from '../interop.ts'
import * as administration from './admin.ts'
import { commitResume, GroupShare } from './groups.ts'
import * as records from './records.ts'

if (isCrossRead) await step('cross-read', records.crossRead)
else await scenario()
process.exit(0)

async function scenario(): Promise<void> {
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
  await step('offset-bounds', records.bounds)
  await step('seek-time', records.seekTime)
  await step('describe-cluster', administration.describeCluster)
  await step('describe-topics', administration.describeTopics)
  await step('create-partitions', administration.createPartitions)
  await step('describe-configs', administration.describeConfigs)
  await step('alter-configs-legacy', administration.alterConfigs)
  await step('alter-configs-incremental', administration.alterConfigsIncrementally)
  const group = new administration.GroupAdmin()
  await step('describe-group', () => group.describe())
  await step('list-groups', () => group.list())
  await step('list-group-offsets', () => group.listOffsets())
  await step('alter-group-offsets', () => group.alterOffsets())
  await step('delete-group-offsets', () => group.deleteOffsets())
  await step('delete-group', () => group.delete())
  await step('list-offsets', administration.listOffsets)
  await step('delete-records', administration.deleteRecords)
  await step('describe-log-dirs', administration.describeLogDirs)
  await step('delete-topic', administration.deleteTopic)
  await administration.admin.close()
  unsupported('leaves the group on close even under a static name', 'group-static')
  unsupported('no cooperative assignor', 'group-cooperative')
  unsupported('asked by the client itself, not shown to its user', 'api-versions')
  unsupported(
    'no such call',
    'list-config-resources',
    'describe-producers',
    'elect-leaders',
    'list-reassignments',
  )
}
