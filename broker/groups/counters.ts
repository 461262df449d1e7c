import type { GroupCounters } from './port.ts'

export type MutableCounters = { -readonly [Name in keyof GroupCounters]: number }

export function createCounters(): MutableCounters {
  return {
    joins: 0,
    syncs: 0,
    heartbeats: 0,
    leaves: 0,
    rebalances: 0,
    completedRebalances: 0,
    expiredMembers: 0,
    offsetCommits: 0,
    offsetExpirations: 0,
    offsetDeletions: 0,
    deletedGroups: 0,
    appends: 0,
    appendedRecords: 0,
    failedAppends: 0,
    shardLoads: 0,
  }
}
