import { DEFAULT_MAX_CLIENT_IDS } from '../network/index.ts'
import type { Dialect } from './family.ts'

/** What is exposed, and of how many. What is beyond a bound is counted together, under `_other`. */
export interface MetricSettings {
  readonly dialects: readonly Dialect[]
  readonly maxTopics: number
  readonly maxGroups: number
  /** Partitions of groups with families of their own; beyond, only sums of a topic are there. */
  readonly maxGroupPartitions: number
  readonly maxClientSoftware: number
  readonly maxClientIds: number
}

export const DEFAULT_METRIC_SETTINGS: MetricSettings = {
  dialects: ['total'],
  maxTopics: 2_000,
  maxGroups: 1_000,
  maxGroupPartitions: 50_000,
  maxClientSoftware: 50,
  maxClientIds: DEFAULT_MAX_CLIENT_IDS,
}

/** Longest text of a client that is a label as it is: as long as the name of a topic may be. */
export const MAX_LABEL_LENGTH = 249

/** Label value of what is beyond a bound. */
export const OTHER = '_other'
