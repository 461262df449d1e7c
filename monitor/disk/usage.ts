/** How full the broker's disk is. */
export interface DiskUsage {
  /** Record batches and the journal. */
  readonly usedBytes: number
  /** Left in the file system, for whoever writes first. */
  readonly freeBytes: number
  /** What the broker may use of its volume; null for all of it. */
  readonly limitBytes: number | null
  /** Below so much room the broker refuses records. */
  readonly floorBytes: number
  /** Size of the file system that holds the broker's data. */
  readonly volumeBytes: number
}

/** How much the broker could hold at most, as things are: its limit, or what others leave it of the volume. */
export function availableBytes({ usedBytes, freeBytes, limitBytes }: DiskUsage): number {
  return Math.min(limitBytes ?? Number.POSITIVE_INFINITY, usedBytes + freeBytes)
}

export function usedPercent(usage: DiskUsage): number {
  const available = availableBytes(usage)
  return available <= 0 ? 100 : Math.min(100, (100 * usage.usedBytes) / available)
}

/** Bands in which disks are told of, as inspections of cloud services have them (CKafka: 80 and 95 %). */
export type DiskHealth = 'healthy' | 'alarm' | 'abnormal'

export const ALARM_PERCENT = 80
export const ABNORMAL_PERCENT = 95

export function healthAt(percent: number): DiskHealth {
  if (percent > ABNORMAL_PERCENT) return 'abnormal'
  return percent > ALARM_PERCENT ? 'alarm' : 'healthy'
}

/** Whether the broker refuses records for want of room. */
export function isAtFloor({ usedBytes, freeBytes, limitBytes, floorBytes }: DiskUsage): boolean {
  const room = limitBytes === null ? freeBytes : Math.min(freeBytes, limitBytes - usedBytes)
  return room < floorBytes
}
