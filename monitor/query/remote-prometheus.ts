import type { Point, QueryResult, QueryValue, ResultSeries } from '../promql/index.ts'
import { EvaluationError, Labels, parseNumber } from '../promql/index.ts'

export interface RemoteOptions {
  /** Without a slash at its end; with its path prefix, when it has one. */
  readonly url: string
  /** Value of the Authorization header; null sends none. */
  readonly authorization: string | null
}

/** What another server answered, to be handed on as it is. */
export interface RemoteAnswer {
  readonly status: number
  readonly contentType: string
  readonly body: Uint8Array
}

export const REMOTE_TIMEOUT_MS = 120_000
const RULE_TIMEOUT_MS = 10_000
const CHART_TIMEOUT_MS = 10_000
const MAX_BODY_BYTES = 256 * 1024 * 1024
/** A picture shows a few lines. */
const MAX_CHART_BYTES = 16 * 1024 * 1024

/** A server with Prometheus' HTTP API (Prometheus itself, Thanos, Mimir, VictoriaMetrics) that is asked instead of the own series. */
export class RemotePrometheus {
  readonly #options: RemoteOptions

  constructor(options: RemoteOptions) {
    this.#options = { ...options, url: options.url.replace(/\/+$/, '') }
  }

  /**
   * Hands a request on. `path` begins with `/api/v1/` and has its query; a form makes it a POST. Rejects when there is no
   * answer before the signal.
   */
  async ask(
    path: string,
    form: string | null,
    signal: AbortSignal = AbortSignal.timeout(REMOTE_TIMEOUT_MS),
    maxBytes = MAX_BODY_BYTES,
  ): Promise<RemoteAnswer> {
    const { url, authorization } = this.#options
    const answer = await fetch(`${url}${path}`, {
      method: form === null ? 'GET' : 'POST',
      headers: {
        ...(authorization === null ? {} : { authorization }),
        ...(form === null ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(form === null ? {} : { body: form }),
      signal,
      redirect: 'error',
    })
    return {
      status: answer.status,
      contentType: answer.headers.get('content-type') ?? 'application/json',
      body: await readBody(answer, maxBytes),
    }
  }

  /** An instant query, for rules. @throws EvaluationError with what the server said, or that it said nothing */
  async instant(expression: string, atMs: number): Promise<QueryResult> {
    const form = new URLSearchParams({ query: expression, time: String(atMs / 1000) })
    const signal = AbortSignal.timeout(RULE_TIMEOUT_MS)
    const { data, warnings, infos } = await this.#query('/api/v1/query', form, signal)
    return { value: queryValueOf(data), warnings, infos }
  }

  /** A range query, for charts. @throws EvaluationError with what the server said, or that it said nothing */
  async range(
    expression: string,
    startMs: number,
    endMs: number,
    stepMs: number,
  ): Promise<readonly ResultSeries[]> {
    const [start, end, step] = [startMs, endMs, stepMs].map((ms) => String(ms / 1000))
    const form = new URLSearchParams({ query: expression, start, end, step } as Record<
      string,
      string
    >)
    const signal = AbortSignal.timeout(CHART_TIMEOUT_MS)
    const { data } = await this.#query('/api/v1/query_range', form, signal, MAX_CHART_BYTES)
    if (data.resultType !== 'matrix') return []
    return data.result.map(({ metric, values }) => ({
      labels: Labels.of(metric),
      points: values.map(pointOf),
    }))
  }

  async #query(
    path: string,
    form: URLSearchParams,
    signal: AbortSignal,
    maxBytes?: number,
  ): Promise<QueryAnswer> {
    let answer: RemoteAnswer
    try {
      answer = await this.ask(path, String(form), signal, maxBytes)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new EvaluationError(`the Prometheus of prometheus.url does not answer: ${reason}`)
    }
    return queryAnswerOf(answer)
  }
}

async function readBody(answer: Response, maxBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of answer.body ?? []) {
    size += piece.length
    // Leaving the loop cancels the stream, and with it the connection.
    if (size > maxBytes) throw new Error(`an answer of more than ${maxBytes} bytes`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces, size)
}

type Sample = readonly [seconds: number, value: string]

interface Answer {
  readonly status: string
  readonly error?: string
  readonly warnings?: readonly string[]
  readonly infos?: readonly string[]
  readonly data?:
    | { readonly resultType: 'scalar'; readonly result: Sample }
    | {
        readonly resultType: 'vector'
        readonly result: readonly {
          readonly metric: Readonly<Record<string, string>>
          readonly value: Sample
        }[]
      }
    | {
        readonly resultType: 'matrix'
        readonly result: readonly {
          readonly metric: Readonly<Record<string, string>>
          readonly values: readonly Sample[]
        }[]
      }
    | { readonly resultType: 'string' }
}

interface QueryAnswer {
  readonly data: NonNullable<Answer['data']>
  readonly warnings: readonly string[]
  readonly infos: readonly string[]
}

function queryAnswerOf({ status, body }: RemoteAnswer): QueryAnswer {
  const answer = parse(body)
  if (answer === null) throw new EvaluationError(`prometheus.url answered ${status}, and no JSON`)
  if (answer.status !== 'success' || answer.data === undefined)
    throw new EvaluationError(answer.error ?? `prometheus.url answered ${status}`)
  const { data, warnings = [], infos = [] } = answer
  return { data, warnings, infos }
}

function parse(body: Uint8Array): Answer | null {
  try {
    return JSON.parse(Buffer.from(body).toString()) as Answer
  } catch {
    return null
  }
}

function queryValueOf(data: NonNullable<Answer['data']>): QueryValue {
  if (data.resultType === 'scalar') return { type: 'scalar', point: pointOf(data.result) }
  if (data.resultType !== 'vector')
    throw new EvaluationError('rule result is not a vector or scalar')
  return {
    type: 'vector',
    series: data.result.map(
      ({ metric, value }): ResultSeries => ({
        labels: Labels.of(metric),
        points: [pointOf(value)],
      }),
    ),
  }
}

function pointOf([seconds, value]: Sample): Point {
  return [Math.round(seconds * 1000), parseNumber(value) ?? Number.NaN]
}
