const HOUR_MS = 3_600_000

/** Bytes a ms in the last hour, over those of the time before; null when either is not known. */
export function accelerationOf(points: readonly (readonly [number, number])[]): number | null {
  const first = points[0]
  const last = points.at(-1)
  if (first === undefined || last === undefined) return null
  const middle = points.findLast(([timeMs]) => timeMs <= last[0] - HOUR_MS)
  if (middle === undefined || middle[0] <= first[0]) return null
  const before = (middle[1] - first[1]) / (middle[0] - first[0])
  const now = (last[1] - middle[1]) / (last[0] - middle[0])
  return before <= 0 ? (now > 0 ? 10 : null) : now / before
}
