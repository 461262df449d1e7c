import type { EventKindRows, EventResource } from './event-kind-row.ts'
import { theBroker } from './event-kind-row.ts'

interface PartitionFacts {
  readonly topic: string
  readonly partition: number
}

/** The broker itself: its start, its disk, its configuration. */
export type OwnEvent =
  | { readonly kind: 'broker-started'; readonly leaderEpoch: number; readonly tookMs: number }
  | { readonly kind: 'broker-stopping' }
  | {
      readonly kind: 'unclean-start'
      readonly replayedBatches: number
      readonly replayedBytes: number
      /** Frames that were cut because they had not become durable. */
      readonly tornFrames: number
      readonly tookMs: number
    }
  /** A record batch on the disk is not what was written. */
  | (PartitionFacts & { readonly kind: 'records-damaged'; readonly detail: string })
  | (PartitionFacts & { readonly kind: 'log-quarantined'; readonly detail: string })
  | {
      readonly kind: 'disk-full' | 'disk-has-room'
      readonly freeBytes: number
      readonly floorBytes: number
    }
  | {
      readonly kind: 'disk-slow'
      /** Of `syncs` of the journal these took longer than `slowMs`. */
      readonly slowSyncs: number
      readonly syncs: number
      readonly slowMs: number
    }
  | { readonly kind: 'fsync-stalled'; readonly stalledMs: number; readonly waitingFrames: number }
  | { readonly kind: 'appends-waiting'; readonly waiting: number; readonly waitingMs: number }
  | { readonly kind: 'storage-failed'; readonly detail: string }
  | { readonly kind: 'event-loop-stalled'; readonly stalledMs: number }
  | { readonly kind: 'events-dropped'; readonly dropped: number }
  /** The monitor took a step of the disk policy. */
  | {
      readonly kind: 'disk-step-done' | 'disk-step-failed'
      /** Such as `expand` or `shorten-retention`. */
      readonly step: string
      readonly from: number
      readonly to: number
      readonly unit: 'bytes' | 'percent'
      readonly detail: string
      /** Number of its record in the history. */
      readonly seq: number
    }
  | {
      readonly kind: 'config-applied'
      /** What was configured: `topic orders`, `broker-config 1`. */
      readonly target: string
      readonly operation: string
      readonly principal: string
      /** Number of the record in the history. */
      readonly seq: number
    }

const ofPartition = ({ topic, partition }: PartitionFacts): EventResource => ({
  kind: 'partition',
  name: `${topic}-${partition}`,
})

const mebibytes = (bytes: number): string => `${(bytes / (1024 * 1024)).toFixed(1)} MiB`
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

const BY_STORAGE = 'broker/storage-events.test.ts'

export const ownKinds: EventKindRows<OwnEvent> = {
  'broker-started': {
    severity: 'info',
    when: 'The broker began to serve clients.',
    configs: [],
    resourceOf: theBroker,
    explain: ({ leaderEpoch, tookMs }) =>
      `The broker started in ${seconds(tookMs)}; leader epoch ${leaderEpoch}.`,
    remedy: 'Nothing. Without a broker-stopping before it the last run did not end by itself.',
    movedBy: 'broker/event-log.test.ts',
  },
  'broker-stopping': {
    severity: 'info',
    when: 'The broker was asked to stop.',
    configs: [],
    resourceOf: theBroker,
    explain: () => 'The broker was asked to stop.',
    remedy: 'Nothing, if somebody did.',
    movedBy: 'broker/event-log.test.ts',
  },
  'unclean-start': {
    severity: 'warning',
    when: 'The last run ended without a stop: the process was killed, or the machine lost power.',
    configs: [],
    resourceOf: theBroker,
    explain: ({ replayedBatches, replayedBytes, tornFrames, tookMs }) =>
      `The last run did not end properly. ${replayedBatches} batches (${mebibytes(replayedBytes)}) came back from the journal in ${seconds(tookMs)}; ${tornFrames} frames that were never durable were cut.`,
    remedy:
      'Nothing for the data: what was acknowledged with acks=all is there. Find out what ended the process: the kernel for want of memory, somebody with kill -9, or the power.',
    movedBy: BY_STORAGE,
  },
  'records-damaged': {
    severity: 'error',
    when: 'Records on the disk are not what was written.',
    configs: [],
    resourceOf: ofPartition,
    explain: ({ topic, partition, detail }) =>
      `Records of ${topic}-${partition} are damaged on the disk: ${detail}.`,
    remedy: 'Check the disk; restore the partition from a backup, or delete records beyond it.',
    movedBy: BY_STORAGE,
  },
  'log-quarantined': {
    severity: 'error',
    when: 'A partition was found damaged at start and is not served.',
    configs: [],
    resourceOf: ofPartition,
    explain: ({ topic, partition, detail }) =>
      `${topic}-${partition} is in quarantine and answers storage errors: ${detail}.`,
    remedy:
      'Its files are where they were, and what the journal had of it is in the quarantine folder. Check the disk and restore the partition from a backup.',
    movedBy: BY_STORAGE,
  },
  'disk-full': {
    severity: 'error',
    when: 'Free space fell below the floor: producers are refused with a retriable error.',
    configs: [],
    resourceOf: theBroker,
    explain: ({ freeBytes, floorBytes }) =>
      `The disk is full: ${mebibytes(freeBytes)} are free, and below ${mebibytes(floorBytes)} nothing is taken from producers. Reading and deleting go on.`,
    remedy:
      'Delete topics or records, shorten retention.ms of the largest topics, or give the volume more space; producers go on by themselves.',
    movedBy: BY_STORAGE,
  },
  'disk-has-room': {
    severity: 'info',
    when: 'There is space again after the disk was full; producers are served.',
    configs: [],
    resourceOf: theBroker,
    explain: ({ freeBytes }) =>
      `The disk has room again: ${mebibytes(freeBytes)} are free, and producers are served.`,
    remedy: 'See that it does not fill again: retention, or a larger volume.',
    movedBy: BY_STORAGE,
  },
  'disk-slow': {
    severity: 'warning',
    when: 'Syncs of the journal took long: every acks=all producer waits for them.',
    configs: [],
    resourceOf: theBroker,
    explain: ({ slowSyncs, syncs, slowMs }) =>
      `${slowSyncs} of ${syncs} syncs of the journal took longer than ${slowMs} ms.`,
    remedy:
      'Look at what else uses the disk, at its health, and at the burst credits of a cloud volume; glasslog_journal_fsync_duration_seconds has the course.',
    movedBy: BY_STORAGE,
  },
  'fsync-stalled': {
    severity: 'error',
    when: 'A sync of the journal has not come back for seconds: nothing becomes durable.',
    configs: [],
    resourceOf: theBroker,
    explain: ({ stalledMs, waitingFrames }) =>
      `The disk has not finished a sync for ${seconds(stalledMs)}; ${waitingFrames} writes wait for it.`,
    remedy:
      'The disk hangs: look at the kernel log (dmesg) and the controller or volume. Nothing acknowledged is lost; a restart does not help while the disk hangs.',
    movedBy: BY_STORAGE,
  },
  'appends-waiting': {
    severity: 'warning',
    when: 'Producers have been waiting for room in memory or in the journal for seconds.',
    configs: [],
    resourceOf: theBroker,
    explain: ({ waiting, waitingMs }) =>
      `${waiting} appends wait for room in memory or in the journal, for ${seconds(waitingMs)} now.`,
    remedy:
      'More comes in than the disk takes: throttle the largest producers by a quota, or use a faster disk.',
    movedBy: BY_STORAGE,
  },
  'storage-failed': {
    severity: 'error',
    when: 'Nothing can be stored any more; the process ends, to be started anew.',
    configs: [],
    resourceOf: theBroker,
    explain: ({ detail }) => `Nothing can be stored any more: ${detail}.`,
    remedy: 'Check the disk. What was acknowledged with acks=all is there after a restart.',
    movedBy: BY_STORAGE,
  },
  'event-loop-stalled': {
    severity: 'warning',
    when: 'The process did nothing for anybody for seconds.',
    configs: [],
    resourceOf: theBroker,
    explain: ({ stalledMs }) =>
      `The process was not served, or was busy with one thing, for ${seconds(stalledMs)}.`,
    remedy:
      'Look for a machine without free processor time or memory, one that was suspended, or one very large request; sessions of consumers may have ended meanwhile.',
    movedBy: BY_STORAGE,
  },
  'events-dropped': {
    severity: 'warning',
    when: 'Events came faster than they could be written to `__events`; the log of the broker has them.',
    configs: [],
    resourceOf: theBroker,
    explain: ({ dropped }) => `${dropped} events were not written to __events.`,
    remedy: 'The log of the broker has them. Look for a disk that hangs.',
    movedBy: 'broker/events/event-log.test.ts',
  },
  'disk-step-done': {
    severity: 'info',
    when: 'A step of the disk policy was taken: shorter or longer retention, or a larger disk.',
    configs: [],
    resourceOf: theBroker,
    explain: ({ step, from, to, unit, detail }) =>
      `By the disk policy: ${step} from ${from} to ${to} ${unit}; ${detail}.`,
    remedy:
      'Nothing now. GET /v1/disk of the monitor shows when the disk will be full; see that the next steps are there.',
    movedBy: 'broker/history-events.test.ts',
  },
  'disk-step-failed': {
    severity: 'error',
    when: 'A step of the disk policy failed: the disk goes on filling.',
    configs: [],
    resourceOf: theBroker,
    explain: ({ step, from, to, unit, detail }) =>
      `The disk policy could not ${step} from ${from} to ${to} ${unit}: ${detail}.`,
    remedy:
      'Make room by hand: delete topics or records, shorten retention, or enlarge the volume. The policy tries again after its cooldown.',
    movedBy: 'broker/history-events.test.ts',
  },
  'config-applied': {
    severity: 'info',
    when: 'A configuration, quota, listener or policy was changed and is in effect.',
    configs: [],
    resourceOf: ({ target }) => ({ kind: 'config', name: target }),
    explain: ({ target, operation, principal, seq }) =>
      `${principal} changed ${target} (${operation}, record ${seq} of the history).`,
    remedy:
      'Nothing, if it was wanted. /v1/audit and the record number show what it was before; a rewind takes it back.',
    movedBy: 'broker/history-events.test.ts',
  },
}
