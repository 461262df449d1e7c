import type { DiskCapacity } from '../cluster/index.ts'

/** What the broker may use in all: its capacity, or what it has and what is free, whichever is less. */
export function capacityOf({ capacityBytes, usedBytes, freeBytes }: DiskCapacity): number | null {
  const volumeBytes = freeBytes === null ? null : usedBytes + freeBytes
  if (capacityBytes === null) return volumeBytes
  return volumeBytes === null ? capacityBytes : Math.min(capacityBytes, volumeBytes)
}

/** Share of it that is in use; null until the disk was looked at. */
export function usedRatio(disk: DiskCapacity): number | null {
  const capacity = capacityOf(disk)
  return capacity === null || capacity <= 0 ? null : disk.usedBytes / capacity
}
