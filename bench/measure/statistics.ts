/** What repeated runs of one figure say together. */
export interface Summary {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** Median and range. Throws a RangeError for no values: a claim needs at least one run. */
export function summarize(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b)
  const [min, max] = [sorted[0], sorted.at(-1)]
  if (min === undefined || max === undefined) throw new RangeError('no values to summarize')
  const middle = (sorted.length - 1) / 2
  const low = sorted[Math.floor(middle)] ?? min
  const high = sorted[Math.ceil(middle)] ?? max
  return { median: (low + high) / 2, min, max }
}

/**
 * The ratio within each pair of neighbouring runs. Pairs share the machine's mood of the minute, so
 * their ratios scatter less than the figures themselves.
 */
export function pairRatios(
  pairs: readonly { readonly ours: number; readonly theirs: number }[],
): Summary {
  return summarize(pairs.map(({ ours, theirs }) => ours / theirs))
}
