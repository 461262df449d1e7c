import type { ControlPlane, DeletedTopic } from '../../control/index.ts'
import type { LogStore } from '../../log/index.ts'
import type { Family, Sample } from '../family.ts'

interface ControlSources {
  readonly control: ControlPlane
  readonly log: LogStore
}

const MOVED_BY = 'broker/telemetry/families/control.test.ts'

/** What the control plane keeps: topics that can be restored, the history, secrets. */
export function controlFamilies({ control, log }: ControlSources): readonly Family[] {
  const gauge = (name: string, help: string, read: () => number): Family => ({
    ...{ name, type: 'gauge', help, labels: [], movedBy: MOVED_BY },
    *samples(): Iterable<Sample> {
      yield { labels: {}, value: read() }
    },
  })
  return [
    gauge(
      'glasslog_deleted_topics',
      'Deleted topics that are not purged yet.',
      () => control.state.deletedTopics.size,
    ),
    gauge(
      'glasslog_deleted_topics_bytes',
      'Bytes of record batches that are kept for deleted topics, which a purge would give back.',
      () => {
        let sizeBytes = 0
        for (const topic of control.state.deletedTopics.values()) sizeBytes += sizeOf(log, topic)
        return sizeBytes
      },
    ),
    gauge(
      'glasslog_history_records',
      'Records of the history of control operations.',
      () => control.history.nextSeq,
    ),
    gauge(
      'glasslog_secrets',
      'Passwords and tokens that are kept encrypted.',
      () => control.secrets.size,
    ),
  ]
}

function sizeOf(log: LogStore, { id, partitionCount }: DeletedTopic): number {
  let sizeBytes = 0
  for (let partition = 0; partition < partitionCount; partition++) {
    sizeBytes += log.find(id, partition)?.sizeBytes ?? 0
  }
  return sizeBytes
}
