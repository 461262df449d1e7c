/** Kafka's own command-line tools, each in a process of its own as a user runs them. */
import { endAllChildren } from '../../../harness/child.ts'
import { isCrossRead, step, unsupported } from '../interop.ts'
import * as administration from './admin.ts'
import { commitResume, GroupAdmin, GroupShare, seekTime } from './groups.ts'
import * as records from './records.ts'

if (isCrossRead) unsupported('reads by the code of the Java client', 'cross-read')
else await scenario()
endAllChildren()
process.exit(0)

async function scenario(): Promise<void> {
  await step('create-topic', administration.createTopics)
  await step('auto-create-topic', records.autoCreate)
  await step('acks', records.acks)
  for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd'])
    await step(`roundtrip-${codec}`, () => records.roundTrip(codec))
  await step('headers', records.headers)
  await step('idempotent', records.idempotent)
  const share = new GroupShare()
  await step('group-share', () => share.share())
  await step('group-takeover', () => share.takeOver())
  await step('commit-resume', commitResume)
  await step('seek-time', seekTime)
  await step('offset-bounds', administration.bounds)
  await step('api-versions', administration.apiVersions)
  await step('describe-cluster', administration.describeCluster)
  await step('describe-topics', administration.describeTopics)
  await step('create-partitions', administration.createPartitions)
  await step('describe-configs', administration.describeConfigs)
  await step('list-config-resources', administration.listConfigResources)
  await step('alter-configs-incremental', administration.alterConfigs)
  const group = new GroupAdmin()
  await step('describe-group', () => group.describe())
  await step('list-groups', () => group.list())
  await step('list-group-offsets', () => group.listOffsets())
  await step('alter-group-offsets', () => group.alterOffsets())
  await step('delete-group-offsets', () => group.deleteOffsets())
  await step('delete-group', () => group.delete())
  await step('list-offsets', administration.listOffsets)
  await step('delete-records', administration.deleteRecords)
  await step('describe-log-dirs', administration.describeLogDirs)
  await step('describe-producers', administration.describeProducers)
  await step('elect-leaders', administration.electLeaders)
  await step('list-reassignments', administration.listReassignments)
  await step('delete-topic', administration.deleteTopic)
  unsupported('runs the code of the Java client', 'group-static', 'group-cooperative')
  unsupported('the tools send incremental changes only', 'alter-configs-legacy')
}
