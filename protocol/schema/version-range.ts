/** Versions from `min` to `max`, both included; an open range ends at `OPEN_END`. */
export interface VersionRange {
  readonly min: number
  readonly max: number
}

/** Versions are an int16 on the wire, so nothing lies beyond this. */
export const OPEN_END = 0x7fff

export const EVERY_VERSION: VersionRange = { min: 0, max: OPEN_END }

/**
 * Reads Kafka's notation: `3` (one version), `0-12` (a range), `9+` (open). The notation is kept in
 * the declarations so that they can be compared with the published ones by eye and by machine.
 */
export function parseVersionRange(text: string): VersionRange {
  const match = /^(\d+)(?:-(\d+)|(\+))?$/.exec(text)
  if (match === null) throw new TypeError(`not a version range: ${JSON.stringify(text)}`)
  const min = Number(match[1])
  const max = match[3] === '+' ? OPEN_END : Number(match[2] ?? match[1])
  if (max < min) throw new TypeError(`version range ends before it begins: ${JSON.stringify(text)}`)
  return { min, max }
}

export function inRange(range: VersionRange | null, version: number): boolean {
  return range !== null && version >= range.min && version <= range.max
}

/** True when every version of `inner` that exists at all (up to `latest`) is in `outer`. */
export function containsRange(outer: VersionRange, inner: VersionRange, latest: number): boolean {
  return inner.min >= outer.min && Math.min(inner.max, latest) <= outer.max
}
