import type { GroupStatus, LagRules, PartitionStatus } from './lag-status.ts'
import { groupStatus, partitionStatus, worstStatus } from './lag-status.ts'
import type { PartitionHistory } from './partition-history.ts'

export type LagTrend = 'growing' | 'shrinking' | 'steady' | 'unknown'

export interface PartitionLag {
  readonly topic: string
  readonly partition: number
  readonly status: PartitionStatus
  readonly committedOffset: number
  readonly committedAt: string
  readonly logEndOffset: number | null
  readonly lagRecords: number | null
  readonly lagBytes: number | null
  readonly lagSeconds: number | null
  readonly trend: LagTrend
  readonly appendedPerSecond: number | null
  readonly consumedPerSecond: number | null
  /** Until retention takes the first record that is not consumed, at the present pace; null when it never does. */
  readonly overtakenInSeconds: number | null
}

export interface GroupLag {
  readonly group: string
  readonly state: string
  readonly members: number
  /** As Burrow says it. */
  readonly status: GroupStatus
  /** The worst status of a partition, by its own name. */
  readonly worst: PartitionStatus
  readonly lagRecords: number
  readonly lagBytes: number | null
  readonly lagSeconds: number | null
  readonly trend: LagTrend
  readonly overtakenInSeconds: number | null
  readonly partitions: readonly PartitionLag[]
}

/** What is known of a partition's lag beside offsets; null for what is not. */
export interface LagMeasures {
  readonly lagBytes: number | null
  readonly lagSeconds: number | null
  /** Until retention takes the first record that is not consumed, were nothing consumed from now on. */
  readonly retentionLeftSeconds: number | null
}

/** Changes that are smaller than this part of what is appended are no trend. */
const TREND_RATIO = 0.02

export function partitionLag(
  key: { readonly topic: string; readonly partition: number },
  history: PartitionHistory,
  measures: LagMeasures,
  nowMs: number,
  rules: LagRules,
): PartitionLag | null {
  const { latest } = history
  if (latest === null) return null
  const window = history.window()
  const rates = history.rates()
  const lagSeconds = window.currentLag === 0 ? 0 : (measures.lagSeconds ?? history.waitingSeconds())
  return {
    ...key,
    status: partitionStatus(window, nowMs, rules),
    committedOffset: latest.committedOffset,
    committedAt: new Date(latest.committedAtMs).toISOString(),
    logEndOffset: latest.logEndOffset,
    lagRecords: window.currentLag,
    lagBytes: window.currentLag === 0 ? 0 : measures.lagBytes,
    lagSeconds,
    trend: trendOf(rates),
    appendedPerSecond: rates?.appended ?? null,
    consumedPerSecond: rates?.consumed ?? null,
    overtakenInSeconds: overtakenIn(measures.retentionLeftSeconds, rates, window.currentLag),
  }
}

export function groupLag(
  group: { readonly group: string; readonly state: string; readonly members: number },
  partitions: readonly PartitionLag[],
): GroupLag {
  const worst = worstStatus(partitions.map(({ status }) => status))
  return {
    ...{ group: group.group, state: group.state, members: group.members },
    ...{ status: groupStatus(worst), worst },
    lagRecords: partitions.reduce((sum, { lagRecords }) => sum + (lagRecords ?? 0), 0),
    lagBytes: sumOf(partitions.map(({ lagBytes }) => lagBytes)),
    lagSeconds: extreme(
      partitions.map(({ lagSeconds }) => lagSeconds),
      Math.max,
    ),
    trend: trendOf({
      appended: sumOf(partitions.map(({ appendedPerSecond }) => appendedPerSecond)) ?? 0,
      consumed: sumOf(partitions.map(({ consumedPerSecond }) => consumedPerSecond)) ?? 0,
    }),
    overtakenInSeconds: extreme(
      partitions.map(({ overtakenInSeconds }) => overtakenInSeconds),
      Math.min,
    ),
    partitions,
  }
}

type Rates = { readonly appended: number; readonly consumed: number }

function trendOf(rates: Rates | null): LagTrend {
  if (rates === null) return 'unknown'
  const change = rates.appended - rates.consumed
  const scale = Math.max(Math.abs(rates.appended), Math.abs(rates.consumed))
  if (Math.abs(change) <= scale * TREND_RATIO) return 'steady'
  return change > 0 ? 'growing' : 'shrinking'
}

/**
 * The first record that waits gets older by a second each second, less the age that consumption
 * makes up for: consuming at the pace of appending, it does not get older at all.
 */
function overtakenIn(
  leftSeconds: number | null,
  rates: Rates | null,
  lag: number | null,
): number | null {
  if (leftSeconds === null || lag === null || lag === 0) return null
  if (rates === null || rates.consumed <= 0) return Math.max(0, leftSeconds)
  if (rates.consumed >= rates.appended) return null
  return Math.max(0, leftSeconds) / (1 - rates.consumed / rates.appended)
}

function sumOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
}

function extreme(
  values: readonly (number | null)[],
  choose: (a: number, b: number) => number,
): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((a, b) => choose(a, b))
}
