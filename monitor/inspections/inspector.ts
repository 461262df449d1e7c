import type { Clock, Logger } from '../../kit/index.ts'
import type { ClusterSnapshot, Curve, SeriesQuery, SnapshotSources } from '../cluster/index.ts'
import { gatherSnapshot, readingExpression } from '../cluster/index.ts'
import type { GroupLag } from '../lag/index.ts'
import type {
  ChartRequest,
  Check,
  InspectedCluster,
  InspectionSettings,
  Observation,
} from './check.ts'
import { CHECKS } from './checks/catalogue.ts'
import type { Chart, Finding } from './finding.ts'
import { findingId } from './finding.ts'
import type { FindingBook } from './finding-book.ts'
import { MAX_FINDINGS } from './finding-book.ts'
import type { SeenFinding } from './finding-changes.ts'
import type { Health } from './health.ts'
import { healthOf } from './health.ts'

export interface InspectorSources extends SnapshotSources {
  readonly lags: () => readonly GroupLag[]
  readonly book: FindingBook
  readonly clock: Clock
  readonly logger: Logger
  readonly settings: InspectionSettings
  /** Told of what was raised, new or again. */
  readonly onRaised: (findings: readonly Finding[]) => Promise<void>
}

/** How one inspection went. */
export interface InspectionReport {
  readonly startedAtMs: number
  readonly durationMs: number
  readonly health: Health
  readonly checks: number
  readonly open: number
  /** Findings of this inspection that are new or were raised again. */
  readonly raised: readonly string[]
  /** Checks that failed to judge, by their ids: a fault of ours, and told instead of hidden. */
  readonly failedChecks: readonly string[]
}

/** How far back counters are looked at. */
export const WINDOW_MS = 10 * 60_000
/** One check does not drown the others. */
const MAX_OBSERVATIONS_PER_CHECK = 200
/** Charts are for the gravest findings; each is a query. */
const MAX_CHARTS = 100
const CHART_PERIOD_MS = 3 * 3_600_000
const CHART_POINTS = 90

/** Gathers what there is to see, lets every check judge it, and keeps what they found. */
export class Inspector {
  readonly #sources: InspectorSources
  #running: Promise<InspectionReport> | null = null
  #looking: Promise<InspectedCluster> | null = null
  #last: InspectionReport | null = null

  constructor(sources: InspectorSources) {
    this.#sources = sources
  }

  /** Null before the first inspection. */
  get lastReport(): InspectionReport | null {
    return this.#last
  }

  /**
   * Inspects now; whoever asks while an inspection runs gets its report.
   * @throws BrokerUnreachableError
   */
  run(): Promise<InspectionReport> {
    this.#running ??= this.#run().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  /**
   * Inspects what is there from now on: an inspection that runs may have looked already at what has changed since.
   * @throws BrokerUnreachableError
   */
  async runAnew(): Promise<InspectionReport> {
    await this.#running?.catch(() => undefined)
    return this.run()
  }

  /** What there is to see at this moment, for those who judge it in another way; whoever asks meanwhile gets the same. */
  look(): Promise<InspectedCluster> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null
    })
    return this.#looking
  }

  async #look(): Promise<InspectedCluster> {
    const { clock, lags, settings } = this.#sources
    const snapshot: ClusterSnapshot = await gatherSnapshot(this.#sources, clock.now(), WINDOW_MS)
    return { ...snapshot, lags: lags(), settings }
  }

  async #run(): Promise<InspectionReport> {
    const { clock, book, query, onRaised } = this.#sources
    const startedAtMs = clock.now()
    const beganMs = clock.monotonicMs()
    const cluster = await this.look()
    const { seen, failedChecks } = this.#judge(cluster)
    const chartOf = chartsOver(query, cluster.atMs)
    const found: SeenFinding[] = []
    for (const { check, observation } of seen) {
      const wanted = found.length < MAX_CHARTS ? observation.chart : null
      found.push(findingOf(check, observation, wanted && (await chartOf(wanted))))
    }
    const raised = await book.take(found, startedAtMs)
    await onRaised(raised)
    this.#last = {
      ...{ startedAtMs, durationMs: clock.monotonicMs() - beganMs },
      health: healthOf(cluster),
      checks: CHECKS.length,
      open: book.all().filter(({ state }) => state === 'open').length,
      raised: raised.map(({ id }) => id),
      failedChecks,
    }
    return this.#last
  }

  /** The gravest come first, so that bounds take from the end. */
  #judge(cluster: InspectedCluster) {
    const failedChecks: string[] = []
    const seen: { readonly check: Check; readonly observation: Observation }[] = []
    for (const check of CHECKS) {
      try {
        const observations = [...check.inspect(cluster)].slice(0, MAX_OBSERVATIONS_PER_CHECK)
        seen.push(...observations.map((observation) => ({ check, observation })))
      } catch (error) {
        // One check that meets what it was not written for must not silence the others.
        this.#sources.logger.error({ err: error, check: check.id }, 'a check failed')
        failedChecks.push(check.id)
      }
    }
    const rank = { critical: 0, important: 1, advice: 2 } as const
    const rankOf = ({ check, observation }: (typeof seen)[number]) =>
      rank[observation.severity ?? check.severity]
    seen.sort((a, b) => rankOf(a) - rankOf(b))
    return { seen: seen.slice(0, MAX_FINDINGS), failedChecks }
  }
}

function findingOf(check: Check, observation: Observation, chart: Chart | null): SeenFinding {
  const { resource, summary, facts, cause, remedy } = observation
  return {
    id: findingId(check.id, resource),
    ...{ check: check.id, title: check.title, area: check.area },
    severity: observation.severity ?? check.severity,
    ...{ resource, summary, evidence: { facts, chart }, cause, remedy, verify: check.verify },
  }
}

/** Many findings look at the same reading: each is queried once. One that takes too long has no chart, and that is all. */
function chartsOver(
  query: SeriesQuery,
  atMs: number,
): (wanted: ChartRequest) => Promise<Chart | null> {
  const stepMs = CHART_PERIOD_MS / CHART_POINTS
  const queried = new Map<string, Promise<readonly Curve[] | null>>()
  return async ({ title, unit, reading, labels }) => {
    const expression = readingExpression(reading, Math.max(stepMs * 2, 5 * 60_000))
    const asked =
      queried.get(expression) ??
      query.range(expression, atMs - CHART_PERIOD_MS, atMs, stepMs).catch(() => null)
    queried.set(expression, asked)
    const curves = await asked
    if (curves === null) return null
    const curve = curves.find((one) =>
      Object.entries(labels).every(([name, value]) => one.labels[name] === value),
    )
    return { title, unit, expression, points: curve?.points ?? [] }
  }
}
