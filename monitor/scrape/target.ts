/** Where samples come from, and what may come from there at most. */
export interface ScrapeTarget {
  readonly job: string
  /** Usually host and port; the label by which targets of one job differ. */
  readonly instance: string
  /** Further labels of every series: what an operator's boards choose by. */
  readonly labels?: Readonly<Record<string, string>>
  readonly url: string
  /** Sent with each request: how the target knows us. */
  readonly headers: Readonly<Record<string, string>>
  readonly intervalMs: number
  /** Not longer than the interval. */
  readonly timeoutMs: number
  readonly maxBodyBytes: number
  readonly maxSamples: number
}

/** Generous for a broker of 10,000 partitions, and an end for a target that never comes to one. */
export const DEFAULT_SCRAPE_LIMITS = {
  intervalMs: 15_000,
  timeoutMs: 10_000,
  maxBodyBytes: 64 * 1024 * 1024,
  maxSamples: 500_000,
} as const
