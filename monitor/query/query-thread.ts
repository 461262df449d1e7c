import { parentPort } from 'node:worker_threads'
import { systemClock } from '../../kit/index.ts'
import {
  EvaluationError,
  ParseError,
  PromqlEngine,
  UnsupportedFeatureError,
} from '../promql/index.ts'
import type { PackedSeries } from './packed-series.ts'
import { sourceOfPacked } from './packed-series.ts'
import type { QueryOutcome } from './query-answer.ts'
import { answerBody, errorTypeOf } from './query-answer.ts'

/** A query with all that it selects. */
export interface QueryTask {
  readonly expression: string
  readonly startMs: number
  readonly endMs: number
  /** Null for an instant query. */
  readonly stepMs: number | null
  readonly lookbackMs: number | null
  /** How long it may take from now on. */
  readonly timeoutMs: number
  readonly maxSamples: number
  readonly series: PackedSeries
}

// The other side of QueryThreads: one query after the other, nothing kept between them.
parentPort?.on('message', (task: QueryTask) => {
  const outcome = evaluate(task)
  const transfer = outcome.kind === 'answer' ? [outcome.body.buffer as ArrayBuffer] : []
  parentPort?.postMessage(outcome, transfer)
})

function evaluate(task: QueryTask): QueryOutcome {
  const { expression, startMs, endMs, stepMs, timeoutMs, maxSamples, lookbackMs } = task
  const deadlineMs = systemClock.monotonicMs() + timeoutMs
  const options = {
    ...(lookbackMs === null ? {} : { lookbackMs }),
    limits: { maxSamples, expired: () => systemClock.monotonicMs() > deadlineMs },
  }
  try {
    const planner = new PromqlEngine({ select: () => [] }, options)
    const selections = planner.selections(expression, startMs, endMs, stepMs ?? 1)
    const engine = new PromqlEngine(sourceOfPacked(task.series, selections), options)
    const result =
      stepMs === null
        ? engine.instant(expression, startMs)
        : engine.range(expression, startMs, endMs, stepMs)
    return { kind: 'answer', body: answerBody(result) }
  } catch (error) {
    if (
      error instanceof EvaluationError ||
      error instanceof ParseError ||
      error instanceof UnsupportedFeatureError
    ) {
      return { kind: 'error', errorType: errorTypeOf(error) ?? 'execution', message: error.message }
    }
    throw error
  }
}
