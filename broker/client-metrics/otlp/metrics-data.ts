import { ProtobufError, ProtobufReader } from './protobuf-reader.ts'

/** How the values of a sum relate to those before: `delta` since the last push, `cumulative` since the start. */
export type Temporality = 'gauge' | 'delta' | 'cumulative'

/** Told of each number that was pushed. */
export type PointSink = (metric: string, value: number, temporality: Temporality) => void

/** Bounds of one push: a client that has more metrics than this is none. */
const MAX_METRICS = 4096
/** Java's client wraps each metric into resources of its own; each costs more once it says who it is of. */
const MAX_RESOURCES = MAX_METRICS
/** Fields of all resources together: the resource itself, metrics by scope, the URL of a schema. */
const MAX_RESOURCE_FIELDS = 4 * MAX_RESOURCES
const MAX_POINTS = 16_384

const DELTA = 1
/** Flag of a point that says "no value". */
const NO_RECORDED_VALUE = 1

interface Counted {
  resources: number
  resourceFields: number
  metrics: number
  points: number
}

/**
 * Reads OpenTelemetry's MetricsData (opentelemetry.proto.metrics.v1) and tells every finite number of
 * gauges and sums; histograms and summaries are walked over. Throws a ProtobufError for bytes that
 * are something else, or more than a client can have to say.
 */
export function readMetricsData(bytes: Buffer, onPoint: PointSink): void {
  const counted = { resources: 0, resourceFields: 0, metrics: 0, points: 0 }
  const data = new ProtobufReader(bytes)
  for (let field = data.next(); field !== 0; field = data.next()) {
    if (field !== 1) {
      data.skip()
      continue
    }
    if (++counted.resources > MAX_RESOURCES) {
      throw new ProtobufError(`more than ${MAX_RESOURCES} resources`)
    }
    readResourceMetrics(data.message(), counted, onPoint)
  }
}

function readResourceMetrics(resource: ProtobufReader, counted: Counted, onPoint: PointSink): void {
  for (let field = resource.next(); field !== 0; field = resource.next()) {
    if (++counted.resourceFields > MAX_RESOURCE_FIELDS) {
      throw new ProtobufError(`more than ${MAX_RESOURCE_FIELDS} fields of resources`)
    }
    if (field === 2) readScopeMetrics(resource.message(), counted, onPoint)
    else resource.skip()
  }
}

function readScopeMetrics(scope: ProtobufReader, counted: Counted, onPoint: PointSink): void {
  for (let field = scope.next(); field !== 0; field = scope.next()) {
    if (field !== 2) {
      scope.skip()
      continue
    }
    if (++counted.metrics > MAX_METRICS) throw new ProtobufError(`more than ${MAX_METRICS} metrics`)
    readMetric(scope.message(), counted, onPoint)
  }
}

const NAME = 1
const GAUGE = 5
const SUM = 7

function readMetric(metric: ProtobufReader, counted: Counted, onPoint: PointSink): void {
  let name = ''
  let data: ProtobufReader | null = null
  let kind = GAUGE
  for (let field = metric.next(); field !== 0; field = metric.next()) {
    if (field === NAME) {
      name = metric.text()
    } else if (field === GAUGE || field === SUM) {
      kind = field
      data = metric.message()
    } else {
      metric.skip()
    }
  }
  // The name may come after the numbers, and whether a sum is of a stretch of time as well.
  if (data) readNumbers(data, name, kind === SUM, counted, onPoint)
}

function readNumbers(
  data: ProtobufReader,
  name: string,
  isSum: boolean,
  counted: Counted,
  onPoint: PointSink,
): void {
  const values: number[] = []
  let temporality = 0
  for (let field = data.next(); field !== 0; field = data.next()) {
    if (field === 1) {
      if (++counted.points > MAX_POINTS) throw new ProtobufError(`more than ${MAX_POINTS} points`)
      const value = readPoint(data.message())
      if (Number.isFinite(value)) values.push(value)
    } else if (field === 2 && isSum) {
      temporality = data.varint()
    } else {
      data.skip()
    }
  }
  const sum = temporality === DELTA ? 'delta' : 'cumulative'
  for (const value of values) onPoint(name, value, isSum ? sum : 'gauge')
}

/** NaN when it has no value. */
function readPoint(point: ProtobufReader): number {
  let value = Number.NaN
  let flags = 0
  for (let field = point.next(); field !== 0; field = point.next()) {
    if (field === 4) value = point.double()
    else if (field === 6) value = point.sfixed64()
    else if (field === 8) flags = point.varint()
    else point.skip()
  }
  return flags % 2 === NO_RECORDED_VALUE ? Number.NaN : value
}
