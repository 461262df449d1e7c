import type { ValueType } from './ast.ts'

/** What a function takes and gives. The last `optional` arguments may be left out; `repeats` lets the last one come again. */
export interface Signature {
  readonly args: readonly ValueType[]
  readonly optional?: number
  readonly repeats?: boolean
  readonly returns: ValueType
}

const VECTOR_TO_VECTOR: Signature = { args: ['vector'], returns: 'vector' }
const MATRIX_TO_VECTOR: Signature = { args: ['matrix'], returns: 'vector' }
const DATE_PART: Signature = { args: ['vector'], optional: 1, returns: 'vector' }

function all(names: string, signature: Signature): Record<string, Signature> {
  return Object.fromEntries(names.split(' ').map((name) => [name, signature]))
}

/** Every function of Prometheus 3 that is neither experimental nor about native histograms only. */
export const SIGNATURES: Readonly<Record<string, Signature>> = {
  ...all(
    'abs absent acos acosh asin asinh atan atanh ceil cos cosh deg exp floor',
    VECTOR_TO_VECTOR,
  ),
  ...all('ln log10 log2 rad sgn sin sinh sort sort_desc sqrt tan tanh timestamp', VECTOR_TO_VECTOR),
  ...all('rate increase irate delta idelta deriv changes resets', MATRIX_TO_VECTOR),
  ...all(
    'avg_over_time min_over_time max_over_time sum_over_time count_over_time',
    MATRIX_TO_VECTOR,
  ),
  ...all('stddev_over_time stdvar_over_time last_over_time present_over_time', MATRIX_TO_VECTOR),
  ...all('absent_over_time', MATRIX_TO_VECTOR),
  ...all('day_of_month day_of_week day_of_year days_in_month hour minute month year', DATE_PART),
  ...all('time pi', { args: [], returns: 'scalar' }),
  scalar: { args: ['vector'], returns: 'scalar' },
  vector: { args: ['scalar'], returns: 'vector' },
  quantile_over_time: { args: ['scalar', 'matrix'], returns: 'vector' },
  predict_linear: { args: ['matrix', 'scalar'], returns: 'vector' },
  histogram_quantile: { args: ['scalar', 'vector'], returns: 'vector' },
  histogram_fraction: { args: ['scalar', 'scalar', 'vector'], returns: 'vector' },
  clamp: { args: ['vector', 'scalar', 'scalar'], returns: 'vector' },
  clamp_max: { args: ['vector', 'scalar'], returns: 'vector' },
  clamp_min: { args: ['vector', 'scalar'], returns: 'vector' },
  round: { args: ['vector', 'scalar'], optional: 1, returns: 'vector' },
  label_replace: { args: ['vector', 'string', 'string', 'string', 'string'], returns: 'vector' },
  label_join: {
    args: ['vector', 'string', 'string', 'string'],
    optional: 1,
    repeats: true,
    returns: 'vector',
  },
}

/** Functions that Prometheus has and this engine has not, with the part of PromQL they belong to. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  ...leftOut(
    'native histograms',
    'histogram_avg histogram_count histogram_stddev histogram_stdvar histogram_sum',
  ),
  ...leftOut('info()', 'info'),
  ...leftOut('start timestamps', 'start_timestamp'),
  ...leftOut(
    'experimental functions',
    'double_exponential_smoothing first_over_time histogram_quantiles mad_over_time max_of min_of sort_by_label ' +
      'sort_by_label_desc ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time ' +
      'start end range step',
  ),
}

/** Aggregations of the same kind. */
export const LEFT_OUT_AGGREGATIONS: ReadonlySet<string> = new Set(['limitk', 'limit_ratio'])

function leftOut(feature: string, names: string): Record<string, string> {
  return Object.fromEntries(names.split(' ').map((name) => [name, feature]))
}
