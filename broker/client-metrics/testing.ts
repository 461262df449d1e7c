import protobuf from 'protobufjs'
import type { TelemetryClient } from './client-metrics.ts'

/** One number as a client pushes it. */
export interface TestPoint {
  readonly name: string
  readonly value: number
  /** A gauge unless it says that it is a sum. */
  readonly sum?: 'delta' | 'cumulative'
  readonly attributes?: Readonly<Record<string, string>>
  /** As a whole number. */
  readonly isInteger?: boolean
}

/** OpenTelemetry's messages, by another implementation than ours. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message AnyValue { oneof value { string string_value = 1; } }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message Resource { repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2; }
  message NumberDataPoint {
    repeated KeyValue attributes = 7;
    fixed64 time_unix_nano = 3;
    oneof value { double as_double = 4; sfixed64 as_int = 6; }
    uint32 flags = 8;
  }
  message Gauge { repeated NumberDataPoint data_points = 1; }
  message Sum {
    repeated NumberDataPoint data_points = 1;
    int32 aggregation_temporality = 2;
    bool is_monotonic = 3;
  }
  message HistogramDataPoint { fixed64 count = 4; repeated fixed64 bucket_counts = 6; }
  message Histogram { repeated HistogramDataPoint data_points = 1; }
  message Metric {
    string name = 1;
    string unit = 3;
    oneof data { Gauge gauge = 5; Sum sum = 7; Histogram histogram = 9; }
  }
  message Scope { string name = 1; }
  message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; string schema_url = 3; }
  message ResourceMetrics {
    Resource resource = 1;
    repeated ScopeMetrics scope_metrics = 2;
    string schema_url = 3;
  }
  message MetricsData { repeated ResourceMetrics resource_metrics = 1; }
`)
const MetricsData = root.lookupType('MetricsData')

const keyValues = (attributes: Readonly<Record<string, string>>) =>
  Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } }))

function metricOf({ name, value, sum, attributes = {}, isInteger }: TestPoint) {
  const number = isInteger ? { asInt: value } : { asDouble: value }
  const dataPoints = [{ ...number, attributes: keyValues(attributes), timeUnixNano: 1 }]
  if (!sum) return { name, unit: '1', gauge: { dataPoints } }
  const aggregationTemporality = sum === 'delta' ? 1 : 2
  return { name, sum: { dataPoints, aggregationTemporality, isMonotonic: true } }
}

/** What a client would push, as bytes. */
export function encodeMetricsData(
  points: readonly TestPoint[],
  resource: Readonly<Record<string, string>> = {},
): Buffer {
  return encodeMessage({
    resourceMetrics: [
      {
        resource: { attributes: keyValues(resource) },
        scopeMetrics: [{ scope: { name: 'test' }, metrics: points.map(metricOf) }],
        schemaUrl: 'https://opentelemetry.io/schemas/1.0',
      },
    ],
  })
}

/** MetricsData out of any members of it. */
export function encodeMessage(message: object): Buffer {
  return Buffer.from(MetricsData.encode(MetricsData.fromObject(message)).finish())
}

/** The message that the bytes are, by the other implementation. */
export function decodeMetricsData(bytes: Buffer): object {
  return MetricsData.toObject(MetricsData.decode(bytes), { longs: Number })
}

let lastConnectionId = 0

/** A client with a connection that a test can close. */
export function testClient(
  clientId: string | null,
  software = 'apache-kafka-java',
): TelemetryClient & { close(): void } {
  const listeners = new Set<() => void>()
  return {
    clientId,
    connection: {
      ...{ id: ++lastConnectionId, address: '10.0.0.7', remotePort: 50_007 },
      ...{ principal: 'User:alice', softwareName: software, softwareVersion: '4.1.0' },
      onClosed(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
    close() {
      for (const listener of listeners) listener()
    },
  }
}
