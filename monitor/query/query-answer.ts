import type { Point, QueryResult, ResultSeries } from '../promql/index.ts'
import {
  EvaluationError,
  formatSample,
  ParseError,
  UnsupportedFeatureError,
} from '../promql/index.ts'

/** As Prometheus' API tells what went wrong; the status follows from it. */
export const ERROR_STATUS = {
  bad_data: 400,
  not_found: 404,
  execution: 422,
  internal: 500,
  timeout: 503,
  /** Nobody sees it: who asked is gone. The status is nginx's, as in Prometheus. */
  canceled: 499,
  unavailable: 503,
} as const
export type ErrorType = keyof typeof ERROR_STATUS

/** What a query comes to: the JSON of an answer, ready to be sent, or what is wrong with it. */
export type QueryOutcome =
  | { readonly kind: 'answer'; readonly body: Uint8Array<ArrayBufferLike> }
  | { readonly kind: 'error'; readonly errorType: ErrorType; readonly message: string }

/** The whole answer to a query (docs/querying/api.md in Prometheus' sources). */
export function answerBody(result: QueryResult): Uint8Array<ArrayBuffer> {
  const { warnings, infos } = result
  const annotations = [
    warnings.length > 0 ? `,"warnings":${JSON.stringify(warnings)}` : '',
    infos.length > 0 ? `,"infos":${JSON.stringify(infos)}` : '',
  ].join('')
  return new TextEncoder().encode(`{"status":"success","data":${dataText(result)}${annotations}}`)
}

/** What kind of error it is; null for one that is a fault of the program. */
export function errorTypeOf(error: unknown): ErrorType | null {
  if (error instanceof ParseError || error instanceof UnsupportedFeatureError) return 'bad_data'
  if (!(error instanceof EvaluationError)) return null
  return error.message.startsWith('query timed out') ? 'timeout' : 'execution'
}

function dataText({ value }: QueryResult): string {
  switch (value.type) {
    case 'scalar':
      return `{"resultType":"scalar","result":${sampleText(value.point)}}`
    case 'string':
      return `{"resultType":"string","result":${JSON.stringify([value.timeMs / 1000, value.value])}}`
    case 'vector': {
      const rows = value.series.map(
        (series) =>
          `{"metric":${metricText(series)},"value":${sampleText(series.points[0] ?? [0, Number.NaN])}}`,
      )
      return `{"resultType":"vector","result":[${rows.join(',')}]}`
    }
    case 'matrix': {
      const rows = value.series.map(
        (series) =>
          `{"metric":${metricText(series)},"values":[${series.points.map(sampleText).join(',')}]}`,
      )
      return `{"resultType":"matrix","result":[${rows.join(',')}]}`
    }
  }
}

function metricText({ labels }: ResultSeries): string {
  return JSON.stringify(labels.toRecord())
}

function sampleText([timeMs, value]: Point): string {
  return `[${timeMs / 1000},"${formatSample(value)}"]`
}
