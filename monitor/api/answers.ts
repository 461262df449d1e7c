import type { Point, QueryResult, ResultSeries } from '../promql/index.ts'
import { formatSample } from '../promql/index.ts'

/** As Prometheus' API tells what went wrong; the status follows from it. */
export const ERROR_STATUS = {
  bad_data: 400,
  not_found: 404,
  execution: 422,
  internal: 500,
  timeout: 503,
  unavailable: 503,
} as const
export type ErrorType = keyof typeof ERROR_STATUS

/** The value of a query as `data` of Prometheus' API (docs/querying/api.md in its sources). */
export function queryData({ value }: QueryResult): object {
  switch (value.type) {
    case 'scalar':
      return { resultType: 'scalar', result: sample(value.point) }
    case 'string':
      return { resultType: 'string', result: [value.timeMs / 1000, value.value] }
    case 'vector':
      return {
        resultType: 'vector',
        result: value.series.map(({ labels, points }) => ({
          metric: labels.toRecord(),
          value: sample(points[0] ?? [0, Number.NaN]),
        })),
      }
    case 'matrix':
      return { resultType: 'matrix', result: value.series.map(matrixRow) }
  }
}

function matrixRow({ labels, points }: ResultSeries): object {
  return { metric: labels.toRecord(), values: points.map(sample) }
}

function sample([timeMs, value]: Point): [seconds: number, value: string] {
  return [timeMs / 1000, formatSample(value)]
}

/** Only what there is: an answer without warnings has none. */
export function annotationsOf({
  warnings,
  infos,
}: Pick<QueryResult, 'warnings' | 'infos'>): object {
  return {
    ...(warnings.length > 0 ? { warnings } : {}),
    ...(infos.length > 0 ? { infos } : {}),
  }
}
