import { setTimeout as sleep } from 'node:timers/promises'
import { BOARDS, boardFiles } from '../../dashboards/index.ts'
import { readBoard } from './board-file.ts'
import { judgeBoard } from './judge-board.ts'
import { judgeServedRules } from './judge-rules.ts'
import type { PrometheusApi } from './prometheus-api.ts'

/** What came of a panel, a rule, or whatever else our boards need. */
export interface Verdict {
  readonly subject: string
  readonly faults: readonly string[]
}

/** On a slow machine things take longer to happen, and to be scraped: it is looked again until then. */
const PATIENCE_MS = 60_000
const PAUSE_MS = 5_000

/** Asks our boards and the rules that are in force, again and again while anything has no data and patience lasts. */
export async function judgeUntilWell(api: PrometheusApi): Promise<readonly Verdict[]> {
  const deadlineMs = performance.now() + PATIENCE_MS
  for (;;) {
    const verdicts = await judgeOwn(api)
    const isWell = verdicts.every(({ faults }) => faults.length === 0)
    if (isWell || performance.now() > deadlineMs) return verdicts
    await sleep(PAUSE_MS)
  }
}

async function judgeOwn(api: PrometheusApi): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = []
  for (const text of boardFiles(BOARDS).values()) {
    for (const { board, panel, faults } of await judgeBoard(readBoard(text), api)) {
      verdicts.push({ subject: `${board}: ${panel}`, faults })
    }
  }
  for (const { rule, faults } of await judgeServedRules(api)) {
    verdicts.push({ subject: `rule ${rule}`, faults })
  }
  return [...verdicts, await judgeExemplars(api)]
}

async function judgeExemplars(api: PrometheusApi): Promise<Verdict> {
  const traces = await api.traceIds('glasslog_request_duration_seconds_bucket{api="Produce"}')
  const faults = traces.length > 0 ? [] : ['no request leads to a trace']
  return { subject: 'exemplars', faults }
}
