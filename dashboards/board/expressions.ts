/** Series of a family at the instances that were chosen, narrowed by further matchers. */
export function of(family: string, ...matchers: readonly string[]): string {
  return `${family}{${['instance=~"$instance"', ...matchers].join(',')}}`
}

/** What a counter grew by each second, over the window that suits the zoom. */
export function rate(family: string, ...matchers: readonly string[]): string {
  return `rate(${of(family, ...matchers)}[$__rate_interval])`
}

export function sumBy(labels: string, expr: string): string {
  return labels === '' ? `sum(${expr})` : `sum by (${labels}) (${expr})`
}

/** A quantile of a histogram, for each set of labels. */
export function quantile(
  q: number,
  labels: string,
  family: string,
  ...matchers: readonly string[]
): string {
  const by = labels === '' ? 'le' : `${labels}, le`
  return `histogram_quantile(${q}, sum by (${by}) (${rate(`${family}_bucket`, ...matchers)}))`
}

/** Zero where there is nothing, for counts of what hopefully does not happen. */
export function orZero(expr: string): string {
  return `${expr} or vector(0)`
}
