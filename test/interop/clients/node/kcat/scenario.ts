/** kcat: librdkafka as Debian packages it, by its command line. */
import { endAllChildren } from '../../../harness/child.ts'
import { isCrossRead, step, unsupported } from '../interop.ts'
import { commitResume, cooperative, GroupShare, staticMembership } from './groups.ts'
import { assumedRelease } from './kcat.ts'
import * as records from './records.ts'

if (isCrossRead) await step('cross-read', records.crossRead)
else await scenario()
endAllChildren()
process.exit(0)

async function scenario(): Promise<void> {
  await step('auto-create-topic', records.autoCreate)
  await step('acks', records.acks)
  for (const codec of ['none', 'gzip', 'snappy', 'lz4'])
    await step(`roundtrip-${codec}`, () => records.roundTrip(codec))
  const share = new GroupShare()
  await step('group-share', () => share.share())
  await step('group-takeover', () => share.takeOver())
  await step('commit-resume', commitResume)
  await step('offset-bounds', records.bounds)
  await step('describe-topics', records.describeTopics)
  if (assumedRelease === undefined) await newerSteps()
  else
    unsupported(
      `not with brokers of ${assumedRelease}`,
      'roundtrip-zstd',
      'headers',
      'idempotent',
      'group-static',
      'group-cooperative',
      'seek-time',
      'describe-cluster',
    )
  unsupported('asked by the client itself, not shown to its user', 'api-versions')
  unsupported('covered by offset-bounds and seek-time', 'list-offsets')
  unsupported(
    'no such command',
    'create-topic',
    'create-partitions',
    'describe-configs',
    'list-config-resources',
    'alter-configs-incremental',
    'alter-configs-legacy',
    'list-groups',
    'describe-group',
    'list-group-offsets',
    'alter-group-offsets',
    'delete-group-offsets',
    'delete-group',
    'delete-records',
    'describe-log-dirs',
    'describe-producers',
    'elect-leaders',
    'list-reassignments',
    'delete-topic',
  )
}

async function newerSteps(): Promise<void> {
  await step('roundtrip-zstd', () => records.roundTrip('zstd'))
  await step('headers', records.headers)
  await step('idempotent', records.idempotent)
  await step('group-static', staticMembership)
  await step('group-cooperative', cooperative)
  await step('seek-time', records.seekTime)
  await step('describe-cluster', records.describeCluster)
}
