import type { Uuid } from '../../../kit/index.ts'
import type { Temporality } from '../otlp/metrics-data.ts'
import type { ClientRole, Merge } from './reported-metrics.ts'
import { meaningOf, REPORTED_METRICS } from './reported-metrics.ts'

/** Stands for all names beyond the bound. */
export const OTHER_CLIENTS = '_other'

/** Runs of clients whose numbers are kept at a time; beyond, those of the oldest report are dropped. */
const MAX_REPORTS = 10_000

/** Who reports. */
export interface Reporter {
  readonly id: Uuid
  readonly clientId: string
  readonly software: string
}

/** What clients of one name report together. */
export interface ReportedSeries {
  readonly clientId: string
  readonly software: string
  readonly role: ClientRole
  /** By position in REPORTED_METRICS; NaN for what nobody reports. */
  valueOf(index: number): number
}

const NOTHING = { type: 'gauge', merge: 'sum', scale: 1 } as const

/** All clients of one name, software and role. */
class Series {
  readonly clientId: string
  readonly software: string
  readonly role: ClientRole
  /** Of each run its last numbers. */
  readonly gauges = new Map<Uuid, Float64Array>()
  /** What was counted, by runs that are over as well. */
  readonly counters = new Float64Array(REPORTED_METRICS.length)
  readonly isCounted = new Uint8Array(REPORTED_METRICS.length)

  constructor(clientId: string, software: string, role: ClientRole) {
    this.clientId = clientId
    this.software = software
    this.role = role
  }

  valueOf(index: number): number {
    const { type, merge } = REPORTED_METRICS[index] ?? NOTHING
    if (type === 'gauge') return merged(numbersAt(this.gauges.values(), index), merge)
    return this.isCounted[index] === 1 ? (this.counters[index] ?? 0) : Number.NaN
  }
}

/** What one run of a client said last. */
interface Report {
  readonly series: Set<Series>
  /** Totals as the client gave them, by metric and position, where it does not tell differences. */
  readonly totals: Map<string, number>
  expiresAtMs: number
}

/**
 * The numbers of the last pushes of each run of a client, summed up by client id, software and role.
 * A bounded number of names have series of their own, first come first served, until all their runs
 * are quiet; the others share one. A run of a client that ended counts until its numbers are old.
 */
export class ClientReports {
  readonly #maxNames: () => number
  readonly #series = new Map<string, Series>()
  /** The one that reported the longest ago first. */
  readonly #reports = new Map<Uuid, Report>()

  /** `maxNames`: client ids that have series of their own. */
  constructor(maxNames: () => number) {
    this.#maxNames = maxNames
  }

  /** Runs of clients whose numbers are kept. */
  get count(): number {
    return this.#reports.size
  }

  /** One push begins; the answer takes its numbers, and `done` makes them count. */
  open(reporter: Reporter, expiresAtMs: number): PushedNumbers {
    return new PushedNumbers((push) => this.#take(reporter, push, expiresAtMs))
  }

  *all(): Iterable<ReportedSeries> {
    yield* this.#series.values()
  }

  /** Drops what is old. */
  expire(nowMs: number): void {
    for (const [id, report] of this.#reports) {
      if (report.expiresAtMs <= nowMs) this.#forget(id, report)
    }
  }

  #take(reporter: Reporter, push: PushedNumbers, expiresAtMs: number): void {
    const { id } = reporter
    const report = this.#reports.get(id) ?? { series: new Set(), totals: new Map(), expiresAtMs }
    report.expiresAtMs = expiresAtMs
    this.#reports.delete(id)
    this.#reports.set(id, report)
    for (const [role, numbers] of push.byRole) {
      // Once counted in with the others it stays there, or it would count twice.
      const before = [...report.series].find((one) => one.role === role)
      const series = before ?? this.#seriesOf(reporter, role)
      report.series.add(series)
      series.gauges.set(id, numbers.gauges())
      for (const [index, { type, scale }] of REPORTED_METRICS.entries()) {
        if (type !== 'counter') continue
        const added = numbers.increase(index, `${role} ${index}`, report.totals)
        if (added === null) continue
        const counted = (series.counters[index] ?? 0) + added * scale
        // Nobody's numbers spoil for good what others of the name count.
        if (!Number.isFinite(counted)) continue
        series.counters[index] = counted
        series.isCounted[index] = 1
      }
    }
    if (this.#reports.size <= MAX_REPORTS) return
    for (const [oldest, quiet] of this.#reports) {
      this.#forget(oldest, quiet)
      return
    }
  }

  #forget(id: Uuid, { series }: Report): void {
    this.#reports.delete(id)
    for (const one of series) {
      one.gauges.delete(id)
      if (one.gauges.size === 0) this.#series.delete(keyOf(one.clientId, one.software, one.role))
    }
  }

  #seriesOf({ clientId, software }: Reporter, role: ClientRole): Series {
    const key = keyOf(clientId, software, role)
    const known = this.#series.get(key)
    if (known) return known
    const isOverBound = this.#series.size >= this.#maxNames()
    return isOverBound ? this.#shared(role) : this.#add(new Series(clientId, software, role))
  }

  #shared(role: ClientRole): Series {
    const key = keyOf(OTHER_CLIENTS, OTHER_CLIENTS, role)
    return this.#series.get(key) ?? this.#add(new Series(OTHER_CLIENTS, OTHER_CLIENTS, role))
  }

  #add(series: Series): Series {
    this.#series.set(keyOf(series.clientId, series.software, series.role), series)
    return series
  }
}

/** The numbers of one push while it is read: nothing counts if the rest of it turns out to be wrong. */
export class PushedNumbers {
  readonly byRole = new Map<ClientRole, RoleNumbers>()
  readonly #take: (push: PushedNumbers) => void

  constructor(take: (push: PushedNumbers) => void) {
    this.#take = take
  }

  add(metric: string, value: number, temporality: Temporality): void {
    const meaning = meaningOf(metric)
    if (!meaning) return
    const { role, index } = meaning
    let numbers = this.byRole.get(role)
    if (!numbers) {
      numbers = new RoleNumbers()
      this.byRole.set(role, numbers)
    }
    numbers.add(index, value, temporality)
  }

  done(): void {
    this.#take(this)
  }
}

class RoleNumbers {
  readonly #points = new Map<number, number[]>()
  readonly #cumulative = new Set<number>()

  add(index: number, value: number, temporality: Temporality): void {
    const points = this.#points.get(index)
    if (points) points.push(value)
    else this.#points.set(index, [value])
    if (temporality !== 'delta') this.#cumulative.add(index)
  }

  gauges(): Float64Array {
    const values = new Float64Array(REPORTED_METRICS.length).fill(Number.NaN)
    for (const [index, points] of this.#points) {
      const { merge, scale } = REPORTED_METRICS[index] ?? NOTHING
      values[index] = merged(points, merge) * scale
    }
    return values
  }

  /**
   * By how much a counter went up since the last push; null when it was not reported. A total that
   * went down is of a client that began anew.
   */
  increase(index: number, key: string, totals: Map<string, number>): number | null {
    const points = this.#points.get(index)
    if (!points) return null
    const value = Math.max(0, merged(points, 'sum'))
    if (!this.#cumulative.has(index)) return value
    const before = totals.get(key) ?? 0
    totals.set(key, value)
    return value < before ? value : value - before
  }
}

/** NaN when there is no number. */
function merged(points: Iterable<number>, merge: Merge): number {
  let count = 0
  let result = merge === 'max' ? -Infinity : 0
  for (const point of points) {
    if (Number.isNaN(point)) continue
    count++
    result = merge === 'max' ? Math.max(result, point) : result + point
  }
  if (count === 0) return Number.NaN
  return merge === 'mean' ? result / count : result
}

/** One at a time: a scrape looks at thousands of reports for each family. */
function* numbersAt(reports: Iterable<Float64Array>, index: number): Generator<number> {
  for (const report of reports) yield report[index] ?? Number.NaN
}

function keyOf(clientId: string, software: string, role: ClientRole): string {
  return `${role} ${software} ${clientId}`
}
