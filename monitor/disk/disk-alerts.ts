import type { DiskAction } from './action.ts'
import type { Obstacle } from './ladder.ts'
import { describeStep, inBytes } from './step.ts'
import type { DiskUsage } from './usage.ts'
import { availableBytes, usedPercent } from './usage.ts'

/** What people are told, in the terms of alerts. */
export interface DiskAlert {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAtMs: number
  /** Null while it goes on. */
  readonly endsAtMs: number | null
}

/** News of an action stay among the alerts for so long. */
const NEWS_MS = 15 * 60_000

const NAMES = {
  expand: 'DiskExpanded',
  'shorten-retention': 'RetentionShortened',
  'lengthen-retention': 'RetentionLengthened',
} as const

/** How an action ended: news where it went well, an alarm where it did not. */
export function alertOfAction(action: DiskAction): DiskAlert {
  const { id, step, driver, state, reason, detail, plannedAtMs } = action
  const startsAtMs = action.endedAtMs ?? plannedAtMs
  const isDone = state === 'done'
  return {
    labels: {
      alertname: isDone ? NAMES[step.kind] : 'DiskActionFailed',
      severity: isDone ? 'info' : 'critical',
      action: step.kind,
      action_id: id,
      ...(driver === null ? {} : { driver }),
    },
    annotations: {
      summary: `${isDone ? 'Done' : 'Failed'}: ${describeStep(step)}`,
      description: `${reason}. ${detail}.`,
      ...(isDone ? {} : { action: REMEDY_OF_FAILURE }),
    },
    startsAtMs,
    endsAtMs: startsAtMs + NEWS_MS,
  }
}

const REMEDY_OF_FAILURE =
  'See /v1/disk for what was answered. The next step is tried after the cooldown of the policy; until then make room: delete topics or records, shorten retention, or enlarge the volume by hand.'

const OBSTACLES: Readonly<Record<Obstacle, { readonly is: string; readonly action: string }>> = {
  'retention-floor': {
    is: 'No topic can keep its records for less: all are at the floor of the policy, or keep them for ever.',
    action:
      'Lower retentionFloorMs in /v1/disk-policy, give topics a retention, delete topics, or enlarge the volume.',
  },
  ceiling: {
    is: 'The policy lets the disk grow no further.',
    action:
      'Raise capacityCeilingBytes in /v1/disk-policy, or make room by deleting topics or records.',
  },
  driver: {
    is: 'The driver of the policy has nothing more to give.',
    action:
      'With the driver capacity the limit is all that the file system has: enlarge the volume. With lvm the volume group is used up: add a disk to it. With kubernetes the claim waits for what was asked for last: see its events (kubectl describe pvc).',
  },
  'driver-not-configured': {
    is: 'The monitor is not configured for the driver of the policy.',
    action:
      'Set monitor.disk.* for it where the monitor is started, or choose another driver in /v1/disk-policy.',
  },
}

/** The disk is too full, and no step of the policy helps. */
export function alertOfObstacle(
  by: Obstacle,
  usage: DiskUsage,
  startsAtMs: number,
  endsAtMs: number | null,
): DiskAlert {
  const { is, action } = OBSTACLES[by]
  const used = `${inBytes(usage.usedBytes)} of ${inBytes(availableBytes(usage))}`
  return {
    labels: { alertname: 'DiskNotRelieved', severity: 'critical', obstacle: by },
    annotations: {
      summary: `The disk is ${usedPercent(usage).toFixed(0)} % full and cannot be relieved`,
      description: `${used} are in use. ${is} Once it is full, records are refused.`,
      action,
    },
    startsAtMs,
    endsAtMs,
  }
}
