/** How much of the disk was in use at one time. */
export interface UsagePoint {
  readonly atMs: number
  readonly usedBytes: number
}

/** Where the usage of a disk is heading, by a straight line through what it was. */
export interface DiskForecast {
  /** Slope of the line; below 0 where the disk empties. */
  readonly growthBytesPerDay: number
  /** How well the line describes the points: 1 for all of it (the coefficient of determination). */
  readonly fitRatio: number
  /** When the capacity is reached; null when that is not foreseeable, or more than ten years away. */
  readonly fullAtMs: number | null
  /** The time that the points cover. */
  readonly observedMs: number
}

const DAY_MS = 24 * 3_600_000
/** With fewer points, or within less time, a line says nothing about the days to come. */
const LEAST_POINTS = 5
const LEAST_OBSERVED_MS = 5 * 60_000
const FARTHEST_MS = 10 * 365 * DAY_MS

/**
 * When a disk of `capacityBytes` will be full: ordinary least squares over `points`, in any order,
 * drawn on from what is in use now, so that a trim or a burst of a minute ago counts at once.
 * Null while there is too little to tell.
 */
export function forecast(
  points: readonly UsagePoint[],
  capacityBytes: number,
  nowMs: number,
): DiskForecast | null {
  const [first, last] = ends(points)
  if (first === null || last === null || points.length < LEAST_POINTS) return null
  const observedMs = last.atMs - first.atMs
  if (observedMs < LEAST_OBSERVED_MS) return null
  const { slope, fitRatio } = lineThrough(points)
  const leftBytes = capacityBytes - last.usedBytes
  return {
    growthBytesPerDay: slope * DAY_MS,
    fitRatio,
    fullAtMs: fullAt(leftBytes, slope, nowMs),
    observedMs,
  }
}

function fullAt(leftBytes: number, bytesPerMs: number, nowMs: number): number | null {
  if (leftBytes <= 0) return nowMs
  if (bytesPerMs <= 0) return null
  const untilMs = leftBytes / bytesPerMs
  return untilMs > FARTHEST_MS ? null : Math.round(nowMs + untilMs)
}

function ends(points: readonly UsagePoint[]): [UsagePoint | null, UsagePoint | null] {
  let [first = null] = points
  let last = first
  for (const point of points) {
    if (first !== null && point.atMs < first.atMs) first = point
    if (last !== null && point.atMs > last.atMs) last = point
  }
  return [first, last]
}

/** Around one of the points and then the means, because times in milliseconds squared have more digits than a number. */
function lineThrough(points: readonly UsagePoint[]): { slope: number; fitRatio: number } {
  const { atMs: originMs, usedBytes: originBytes } = points[0] ?? { atMs: 0, usedBytes: 0 }
  let sumMs = 0
  let sumBytes = 0
  for (const { atMs, usedBytes } of points) {
    sumMs += atMs - originMs
    sumBytes += usedBytes - originBytes
  }
  const meanMs = originMs + sumMs / points.length
  const meanBytes = originBytes + sumBytes / points.length
  let together = 0
  let inTime = 0
  let inBytes = 0
  for (const { atMs, usedBytes } of points) {
    together += (atMs - meanMs) * (usedBytes - meanBytes)
    inTime += (atMs - meanMs) ** 2
    inBytes += (usedBytes - meanBytes) ** 2
  }
  if (inTime === 0) return { slope: 0, fitRatio: 0 }
  return {
    slope: together / inTime,
    fitRatio: inBytes === 0 ? 1 : together ** 2 / (inTime * inBytes),
  }
}
