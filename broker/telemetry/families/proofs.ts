import type { PublisherState } from '../../../audit/index.ts'
import type { Family, Sample } from '../family.ts'

/** How far the proofs of the history are. */
export interface ProofState {
  /** Records that the newest checkpoint covers. */
  readonly signedRecords: number
  /** When the newest checkpoint was signed, in Unix ms; null before the first since the start. */
  readonly checkpointAtMs: number | null
  /** Time since the last checkpoint while there are records that it does not cover; else 0. */
  readonly unsignedMs: number
  /** Checkpoints and files that could not be written. */
  readonly failures: number
  readonly publishers: readonly PublisherState[]
  /** Where records are pushed to; null when they are not. */
  readonly push: { readonly behind: number; readonly failures: number } | null
}

const MOVED_BY = 'broker/audit-trail.test.ts'

/** Checkpoints, where they are published, and the push of records to another system. */
export function proofFamilies(proofs: { readonly state: ProofState }): readonly Family[] {
  const one = (
    type: 'counter' | 'gauge',
    name: string,
    help: string,
    read: (state: ProofState) => number | null,
  ): Family => ({
    ...{ name, type, help, labels: [], movedBy: MOVED_BY },
    *samples(): Iterable<Sample> {
      const value = read(proofs.state)
      if (value !== null) yield { labels: {}, value }
    },
  })
  const ofTargets = (
    type: 'counter' | 'gauge',
    name: string,
    help: string,
    read: (state: PublisherState) => number,
  ): Family => ({
    ...{ name, type, help, labels: ['target'], movedBy: MOVED_BY },
    *samples(): Iterable<Sample> {
      for (const state of proofs.state.publishers) {
        yield { labels: { target: state.name }, value: read(state) }
      }
    },
  })
  return [
    one(
      'gauge',
      'glasslog_history_signed_records',
      'Records of the history that the newest checkpoint covers; glasslog_history_records is all of them.',
      (state) => state.signedRecords,
    ),
    one(
      'gauge',
      'glasslog_history_checkpoint_timestamp_seconds',
      'When the newest checkpoint was signed; absent before the first since the start.',
      (state) => (state.checkpointAtMs === null ? null : state.checkpointAtMs / 1000),
    ),
    one(
      'gauge',
      'glasslog_history_unsigned_seconds',
      'Time since the last checkpoint while there are records that it does not cover; 0 when there are none.',
      (state) => state.unsignedMs / 1000,
    ),
    one(
      'counter',
      'glasslog_history_sign_failures_total',
      'Checkpoints and files behind them that could not be written.',
      (state) => state.failures,
    ),
    ofTargets(
      'gauge',
      'glasslog_history_published_records',
      'Records covered by the newest checkpoint that a place outside has.',
      (state) => state.publishedSize,
    ),
    ofTargets(
      'counter',
      'glasslog_history_publish_failures_total',
      'Attempts to publish a checkpoint that failed.',
      (state) => state.failures,
    ),
    one(
      'gauge',
      'glasslog_history_push_queue_records',
      'Records that the other system does not have yet; absent when none are pushed.',
      (state) => state.push?.behind ?? null,
    ),
    one(
      'counter',
      'glasslog_history_push_failures_total',
      'Attempts to push records that failed; absent when none are pushed.',
      (state) => state.push?.failures ?? null,
    ),
  ]
}
