import { ProtobufReader } from './protobuf-reader.ts'

const RESOURCE_METRICS = 1
const RESOURCE = 1
const ATTRIBUTES = 1
const KEY = 1
const VALUE = 2
const STRING_VALUE = 1
const LENGTH_DELIMITED = 2

/**
 * The same MetricsData with more attributes on each of its resources: a client does not say who it
 * is, because the broker knows (KIP-714). What the client said stays as it came, in its order.
 */
export function withResourceAttributes(
  metricsData: Buffer,
  attributes: Readonly<Record<string, string>>,
): Buffer {
  const added = Object.entries(attributes).map(([key, text]) =>
    delimited(ATTRIBUTES, [
      delimited(KEY, [Buffer.from(key)]),
      delimited(VALUE, [delimited(STRING_VALUE, [Buffer.from(text)])]),
    ]),
  )
  const pieces: Buffer[] = []
  const data = new ProtobufReader(metricsData)
  for (let field = data.next(); field !== 0; field = data.next()) {
    if (field === RESOURCE_METRICS) pieces.push(resourceMetrics(data.bytes(), added))
    // Nothing else is known at this level, and what is not known is not passed on.
    else data.skip()
  }
  return Buffer.concat(pieces)
}

function resourceMetrics(bytes: Buffer, added: readonly Buffer[]): Buffer {
  const resource: Buffer[] = []
  const others: Buffer[] = []
  const fields = new ProtobufReader(bytes)
  for (let field = fields.next(); field !== 0; field = fields.next()) {
    if (fields.wireType !== LENGTH_DELIMITED) fields.skip()
    else if (field === RESOURCE) resource.push(fields.bytes())
    else others.push(delimited(field, [fields.bytes()]))
  }
  // A message that comes in parts is the parts one after the other.
  return delimited(RESOURCE_METRICS, [delimited(RESOURCE, [...resource, ...added]), ...others])
}

/** One field of wire type 2. */
function delimited(field: number, pieces: readonly Buffer[]): Buffer {
  const sizeBytes = pieces.reduce((sum, piece) => sum + piece.length, 0)
  const tag = field * 8 + LENGTH_DELIMITED
  return Buffer.concat([varint(tag), varint(sizeBytes), ...pieces])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
  bytes.push(rest)
  return Buffer.from(bytes)
}
