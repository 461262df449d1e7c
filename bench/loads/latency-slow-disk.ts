import { latency } from './latency.ts'
import type { PacedLoad } from './load.ts'

function withSyncDelay(syncDelayMs: number): PacedLoad {
  return {
    ...latency,
    name: `latency-disk-${syncDelayMs}ms`,
    summary: `latency, with ${syncDelayMs} ms added to each fdatasync of Glasslog (no peer: Kafka does not sync)`,
    isLong: true,
    syncDelayMs,
  }
}

export const latencyDisk2Ms = withSyncDelay(2)
export const latencyDisk10Ms = withSyncDelay(10)
