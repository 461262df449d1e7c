import { Type } from 'typebox'
import { mayDo } from '../access/caller.ts'
import { onCluster } from '../access/route-access.ts'
import type { AdminPlugin } from '../http/admin-plugin.ts'
import { closed, isoTime, nullable, oneOf, time, wholeNumber } from '../http/schema.ts'

const cluster = closed(
  {
    clusterId: Type.String(),
    controllerId: Type.Integer({ description: 'Id of the broker that is the controller.' }),
    brokers: Type.Array(
      closed({ id: Type.Integer(), rack: nullable(Type.String()) }, { title: 'Broker' }),
    ),
    topics: wholeNumber('Topics, those of the broker itself included.'),
    partitions: wholeNumber('Partitions of all topics together.'),
    groups: wholeNumber('Consumer groups that are known.'),
    seq: Type.Integer({ description: 'Number of the last record of the history.' }),
    disk: closed(
      {
        state: oneOf(['ok', 'full', 'failed'], {
          description:
            '`full`: only the broker itself may write. `failed`: nobody, a restart is needed.',
        }),
        totalBytes: wholeNumber('Size of the file system of the data directory.'),
        freeBytes: wholeNumber('What is left of it.'),
        usedBytes: wholeNumber('Bytes of the record batches that are kept.'),
      },
      { title: 'ClusterDisk' },
    ),
    scrub: closed(
      {
        lastCompletedAt: nullable(
          time('When all closed segments had been read again; null before the first time.'),
        ),
        damaged: Type.Array(
          closed({
            topic: Type.String(),
            partition: wholeNumber('Number of the partition.'),
          }),
          {
            description:
              'Segments that were found damaged and are still there, in topics that the caller may describe. Where the file lies and what is wrong with it stands in the log of the broker.',
          },
        ),
      },
      { title: 'ClusterScrub' },
    ),
  },
  { title: 'Cluster' },
)

/** `/v1/cluster`: what this is, and how much it holds. */
export const clusterRoutes: AdminPlugin = (app, { broker, authorizer, storage }) => {
  app.get(
    '/v1/cluster',
    {
      config: { access: onCluster('DESCRIBE') },
      schema: {
        summary: 'The cluster at a glance',
        operationId: 'getCluster',
        tags: ['Cluster'],
        response: { 200: cluster },
      },
    },
    async (request) => {
      const { control, groups, log, logDirectory, node } = broker
      const { clusterId, topics, partitionCount, seq } = control.state
      let usedBytes = 0
      const { lastCompletedAtMs, damaged } = storage().scrub
      for (const partition of log.logs()) usedBytes += partition.sizeBytes
      return {
        clusterId,
        controllerId: node.id,
        brokers: [{ id: node.id, rack: node.rack }],
        topics: topics.size,
        partitions: partitionCount,
        groups: groups.list().groups.length,
        seq,
        disk: { state: log.diskState, ...(await logDirectory.space()), usedBytes },
        scrub: {
          lastCompletedAt: lastCompletedAtMs === 0 ? null : isoTime(lastCompletedAtMs),
          damaged: damaged
            .filter(({ topicName }) => mayDo(authorizer, request, 'DESCRIBE', 'TOPIC', topicName))
            .map(({ topicName: topic, partition }) => ({ topic, partition })),
        },
      }
    },
  )
}
