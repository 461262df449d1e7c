// Kafka's version notation, read here by code of its own: were the declarations' parser wrong, a
// test that used it would be wrong in the same way.

/** True when a notation such as `3`, `0-12`, `9+` or `none` includes the version. */
export function isIn(notation: string | undefined, version: number): boolean {
  if (notation === undefined || notation === 'none') return false
  if (notation.endsWith('+')) return version >= Number(notation.slice(0, -1))
  const [min, max = min] = notation.split('-').map(Number)
  return min !== undefined && max !== undefined && version >= min && version <= max
}

/** Every version of a closed notation. */
export function versionsIn(notation: string): number[] {
  if (notation === 'none') return []
  const [min = 0, max = min] = notation.split('-').map(Number)
  return Array.from({ length: max - min + 1 }, (_, index) => min + index)
}
