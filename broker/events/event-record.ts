import { BatchBuilder } from '../../protocol/index.ts'
import type { EventReport } from './event-report.ts'

/** Version of the records of `__events`. */
const SCHEMA = 1

/** A record of `__events`, as its value has it in JSON. */
export interface EventRecord {
  readonly schema: number
  /** When it was told (RFC 3339). */
  readonly at: string
  readonly kind: string
  readonly severity: string
  readonly resource: { readonly kind: string; readonly name: string }
  readonly explanation: string
  readonly remedy: string
  readonly facts: Readonly<Record<string, string | number>>
  /** How many there were since the one before of this kind about this resource. */
  readonly count: number
  readonly firstAt: string
  readonly lastAt: string
}

/** A report and when it was told. */
export interface ToldReport {
  readonly report: EventReport
  readonly atMs: number
}

/**
 * One batch of records. The key is the kind of the event; kind and severity are headers as well, so
 * that a consumer can choose without looking into values.
 */
export function encodeEvents(told: readonly ToldReport[]): Buffer {
  const builder = new BatchBuilder()
  for (const { report, atMs } of told) {
    const { kind, severity, firstAtMs, lastAtMs, resource, ...rest } = report
    const record: EventRecord = {
      schema: SCHEMA,
      at: new Date(atMs).toISOString(),
      ...{ kind, severity, resource: { ...resource } },
      ...rest,
      firstAt: new Date(firstAtMs).toISOString(),
      lastAt: new Date(lastAtMs).toISOString(),
    }
    builder.append({
      timestampMs: atMs,
      key: Buffer.from(kind),
      value: Buffer.from(JSON.stringify(record)),
      headers: [
        { key: 'kind', value: Buffer.from(kind) },
        { key: 'severity', value: Buffer.from(severity) },
      ],
    })
  }
  return builder.build()
}

/** Null for a value that no broker of ours wrote, or one of a newer format. */
export function decodeEvent(value: Uint8Array | null): EventRecord | null {
  if (value === null) return null
  try {
    const record = JSON.parse(Buffer.from(value).toString('utf8')) as EventRecord
    return record.schema === SCHEMA ? record : null
  } catch {
    return null
  }
}
