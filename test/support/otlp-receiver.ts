import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import protobuf from 'protobufjs'

/** Stands in for an OpenTelemetry collector: takes OTLP over HTTP and keeps what came. */

const { root } = protobuf.parse(`
  syntax = "proto3";
  message AnyValue { oneof value { string string_value = 1; int64 int_value = 3; double double_value = 4; } }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message Link { bytes trace_id = 1; bytes span_id = 2; }
  message Status { string message = 2; int32 code = 3; }
  message Span {
    bytes trace_id = 1;
    bytes span_id = 2;
    bytes parent_span_id = 4;
    string name = 5;
    int32 kind = 6;
    fixed64 start_time_unix_nano = 7;
    fixed64 end_time_unix_nano = 8;
    repeated KeyValue attributes = 9;
    repeated Link links = 13;
    Status status = 15;
  }
  message ScopeSpans { repeated Span spans = 2; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message Traces { repeated ResourceSpans resource_spans = 1; }
  message Metric { string name = 1; }
  message ScopeMetrics { repeated Metric metrics = 2; }
  message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
  message Metrics { repeated ResourceMetrics resource_metrics = 1; }
`)

type Attributes = Readonly<Record<string, string | number>>

/** One span as it was sent; ids in hexadecimal digits. */
export interface ReceivedSpan {
  readonly service: string
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  /** Empty for the root of a trace. */
  readonly parentId: string
  readonly kind: number
  readonly startNs: number
  readonly endNs: number
  readonly attributes: Attributes
  /** Ids of linked spans. */
  readonly links: readonly string[]
}

/** What one client reported. */
export interface ReceivedMetrics {
  readonly resource: Attributes
  readonly names: readonly string[]
}

export interface OtlpReceiver {
  readonly endpoint: string
  readonly spans: readonly ReceivedSpan[]
  readonly metrics: readonly ReceivedMetrics[]
  /** The headers of each request, by path. */
  readonly requests: readonly {
    readonly path: string
    readonly authorization: string | undefined
  }[]
  stop(): Promise<void>
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = []
  const metrics: ReceivedMetrics[] = []
  const requests: OtlpReceiver['requests'][number][] = []
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const { url: path = '', headers } = request
      requests.push({ path, authorization: headers.authorization })
      if (path === '/v1/traces') spans.push(...spansIn(body))
      if (path === '/v1/metrics') metrics.push(...metricsIn(body))
      response.setHeader('content-type', 'application/x-protobuf').end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    ...{ endpoint: `http://127.0.0.1:${port}`, spans, metrics, requests },
    stop() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

interface RawKeyValue {
  readonly key: string
  readonly value: { readonly stringValue?: string; readonly intValue?: number }
}
interface RawResource {
  readonly attributes: readonly RawKeyValue[]
}

function attributesOf(list: readonly RawKeyValue[] | undefined): Attributes {
  const entries = (list ?? []).map(
    ({ key, value }) => [key, Object.values(value)[0] ?? ''] as const,
  )
  return Object.fromEntries(entries)
}

function read(name: string, body: Buffer): unknown {
  const type = root.lookupType(name)
  return type.toObject(type.decode(body), { longs: Number, arrays: true })
}

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex')

interface RawSpan {
  readonly traceId: Uint8Array
  readonly spanId: Uint8Array
  readonly parentSpanId?: Uint8Array
  readonly name: string
  readonly kind?: number
  readonly startTimeUnixNano: number
  readonly endTimeUnixNano: number
  readonly attributes: readonly RawKeyValue[]
  readonly links: readonly { readonly spanId: Uint8Array }[]
}

function spansIn(body: Buffer): readonly ReceivedSpan[] {
  const { resourceSpans } = read('Traces', body) as {
    resourceSpans: { resource?: RawResource; scopeSpans: { spans: RawSpan[] }[] }[]
  }
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(attributesOf(resource?.attributes)['service.name'])
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => spanOf(span, service)))
  })
}

function spanOf(span: RawSpan, service: string): ReceivedSpan {
  return {
    ...{ service, name: span.name, kind: span.kind ?? 0 },
    traceId: hex(span.traceId),
    spanId: hex(span.spanId),
    parentId: hex(span.parentSpanId),
    ...{ startNs: span.startTimeUnixNano, endNs: span.endTimeUnixNano },
    attributes: attributesOf(span.attributes),
    links: span.links.map(({ spanId }) => hex(spanId)),
  }
}

function metricsIn(body: Buffer): readonly ReceivedMetrics[] {
  const { resourceMetrics } = read('Metrics', body) as {
    resourceMetrics: {
      resource?: RawResource
      scopeMetrics: { metrics: { name: string }[] }[]
    }[]
  }
  return resourceMetrics.map(({ resource, scopeMetrics }) => ({
    resource: attributesOf(resource?.attributes),
    names: scopeMetrics.flatMap(({ metrics }) => metrics.map(({ name }) => name)),
  }))
}
