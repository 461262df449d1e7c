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

/** Alerts in a state; the one that always fires, to show that alarms work, is none that anybody has to look at. */
export function alerts(state: 'firing' | 'pending'): string {
  return `count(ALERTS{alertstate="${state}",severity!="none"})`
}

/** Part of the disk that is free: of its file system, or of what the broker may use of it, whichever is less. */
export const DISK_FREE_RATIO = `min(${of('glasslog_disk_free_bytes')} / ${of('glasslog_disk_size_bytes')} or label_replace(1 - ${of('glasslog_disk_used_bytes')} / ${of('glasslog_disk_usable_bytes')}, "of", "capacity", "", ""))`

/** Zero where there is nothing, for counts of what hopefully does not happen. */
export function orZero(expr: string): string {
  return `${expr} or vector(0)`
}
