import { Counts, Durations } from './tallies.ts'

/** How a query ended. */
export type QueryResultKind = 'ok' | 'failed' | 'timeout' | 'rejected' | 'canceled'

const QUERY_RESULTS: readonly QueryResultKind[] = [
  ...(['ok', 'failed', 'timeout', 'rejected', 'canceled'] as const),
]

/** What the monitor counts of its own work, where nothing else keeps the numbers. */
export class MonitorStats {
  readonly scrapes = new Counts()
  readonly scrapedSamples = new Counts()
  readonly queries = new Counts(QUERY_RESULTS.map((result) => ({ result })))
  readonly queryDurations = new Durations([{}])
  readonly notifications = new Counts()
  readonly notificationDelays = new Durations()
  /** 1 while the newest version of a source of rules or routes is in force. */
  readonly loads = new Map<string, boolean>()

  scraped(job: string, { error, samples }: { error: string | null; samples: number }): void {
    this.scrapes.add({ job, result: error === null ? 'ok' : 'failed' })
    this.scrapedSamples.add({ job }, samples)
  }

  queried(result: QueryResultKind, durationMs: number): void {
    this.queries.add({ result })
    this.queryDurations.observe({}, durationMs)
  }

  notified(delivery: {
    readonly receiver: string
    readonly integration: string
    readonly outcome: 'delivered' | 'failing' | 'gave-up'
    readonly createdAtMs: number
    readonly attemptedAtMs: number
  }): void {
    const { receiver, integration, outcome } = delivery
    this.notifications.add({ receiver, integration, result: outcome })
    if (outcome === 'delivered')
      this.notificationDelays.observe(
        { receiver, integration },
        delivery.attemptedAtMs - delivery.createdAtMs,
      )
  }
}
