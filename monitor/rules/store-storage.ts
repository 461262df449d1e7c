import type { Clock } from '../../kit/index.ts'
import type { Labels } from '../promql/index.ts'
import { PromqlEngine, writeStale } from '../promql/index.ts'
import type { SeriesStore } from '../series/index.ts'
import type { NotedSample } from './active-alerts.ts'
import type { RuleStorage } from './evaluation-port.ts'

/** A rule that takes longer has an error instead of a result: scrapes and other rules wait for it on the same thread. */
const EVALUATION_TIMEOUT_MS = 5_000

/** Rules over the monitor's own series. */
export function storeRuleStorage(store: SeriesStore, clock: Clock): RuleStorage {
  const planner = new PromqlEngine({ select: () => [] })
  const limited = () => {
    const deadlineMs = clock.monotonicMs() + EVALUATION_TIMEOUT_MS
    return { limits: { expired: () => clock.monotonicMs() > deadlineMs } }
  }
  const append = (samples: readonly NotedSample[], atMs: number, stale: boolean) => {
    const numbered = samples.flatMap(({ labels, value }) => {
      const number = store.numberOf(labels)
      return number === null ? [] : [{ number, value }]
    })
    if (numbered.length === 0) return
    const values = Float64Array.from(numbered, ({ value }) => value)
    if (stale) for (let at = 0; at < values.length; at++) writeStale(values, at)
    store.append({ timeMs: atMs, series: numbered.map(({ number }) => number), values })
  }
  const query = async (expression: string, atMs: number) => {
    const source = await store.view(planner.selections(expression, atMs, atMs, 1))
    return new PromqlEngine(source, limited()).instant(expression, atMs)
  }
  return {
    query,
    queryWritten: query,
    recentQuery: (expression, atMs) =>
      new PromqlEngine(store.recent(), limited()).instant(expression, atMs),
    append: (samples, atMs) => append(samples, atMs, false),
    end: (series: readonly Labels[], atMs) =>
      append(
        series.map((labels) => ({ labels, value: 0 })),
        atMs,
        true,
      ),
  }
}
