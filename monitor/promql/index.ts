export {
  type EngineOptions,
  type Point,
  PromqlEngine,
  type QueryResult,
  type QueryValue,
  type ResultSeries,
} from './engine.ts'
export { formatSample } from './evaluate/numeric.ts'
export type { Selection } from './evaluate/selections.ts'
export { compareLabels, Labels, METRIC_NAME } from './model/labels.ts'
export { Matcher, type MatchOperator } from './model/matcher.ts'
export {
  isStale,
  type Samples,
  type Series,
  type SeriesSource,
  writeStale,
} from './model/series.ts'
export { EvaluationError, ParseError, UnsupportedFeatureError } from './promql-error.ts'
export {
  type NotedSeries,
  type NotedValue,
  parseSeriesLine,
  parseValues,
} from './series-notation.ts'
export type { Node as PromqlNode } from './syntax/ast.ts'
export { formatExpression } from './syntax/format.ts'
export { parseDuration, parseNumber } from './syntax/literals.ts'
export { parseExpression } from './syntax/parse.ts'
export { syntaxTree } from './syntax/syntax-tree.ts'
