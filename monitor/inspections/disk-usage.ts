import type { DiskCapacity } from '../cluster/index.ts'

/**
 * What records may fill: the capacity of the broker, or what it has and what is free where that is less, without the
 * floor below which records are refused. Null until the disk was looked at.
 */
export function capacityOf(disk: DiskCapacity): number | null {
  const { capacityBytes, usedBytes, freeBytes, floorBytes } = disk
  const volumeBytes = freeBytes === null ? null : usedBytes + freeBytes
  const known = [capacityBytes, volumeBytes].filter((bytes) => bytes !== null)
  return known.length === 0 ? null : Math.max(1, Math.min(...known) - floorBytes)
}

/** Share of it that is in use; null until the disk was looked at. */
export function usedRatio(disk: DiskCapacity): number | null {
  const capacity = capacityOf(disk)
  return capacity === null || capacity <= 0 ? null : disk.usedBytes / capacity
}
