import type { DiskKeeper } from './disk-keeper.ts'
import { availableBytes } from './usage.ts'

/** The numbers of the newest look, for metrics; null before the first. */
export function measureDisk({ look }: DiskKeeper) {
  if (look === null) return null
  const { usage, forecast } = look
  return {
    usedBytes: usage.usedBytes,
    availableBytes: availableBytes(usage),
    fullAtMs: forecast?.fullAtMs ?? null,
  }
}
