import type { Json } from '../../../audit/index.ts'
import { batchHeader } from '../../../protocol/index.ts'
import type { FormatChoice } from './formats/codec-of.ts'
import { codecOf } from './formats/codec-of.ts'
import type { ShownValue, ValueCodec } from './formats/value-codec.ts'
import { jsonPathTest } from './json-path.ts'
import type { ScannedRecord, Visitor } from './partition-scan.ts'
import type { RecordView } from './record-view.ts'
import { viewControl, viewRecord, viewUnreadable } from './record-view.ts'

/** Which records are wanted, and how they are shown. What is left out does not restrict. */
export interface RecordQuery {
  readonly keyFormat: FormatChoice
  readonly valueFormat: FormatChoice
  /** Parts of the key and of the value as they are shown. */
  readonly key?: string | undefined
  readonly value?: string | undefined
  /** A header's name, or `name=part of its value`. */
  readonly header?: string | undefined
  /** A JSONPath query into the value, and what it has to select. */
  readonly path?: string | undefined
  readonly pathValue?: string | undefined
}

/** Cheap tests look at the bytes, so that what is not wanted is not decoded. */
type BytesTest = (bytes: Buffer | null) => boolean
type ShownTest = (shown: ShownValue | null) => boolean

const ANY = (): boolean => true

/** Shows the records that match. Throws an UnfitValue for a wrong schema, a Problem for a wrong path. */
export function recordVisitor(query: RecordQuery): Visitor<RecordView> {
  const keyCodec = codecOf(query.keyFormat)
  const valueCodec = codecOf(query.valueFormat)
  const key = partTest(query.key, keyCodec)
  const value = partTest(query.value, valueCodec)
  const header = headerTest(query.header)
  const path = pathTest(query.path, query.pathValue)
  const isFiltered = [query.key, query.value, query.header, query.path].some(
    (one) => one !== undefined,
  )

  return {
    record(scanned: ScannedRecord): RecordView | null {
      const { record, batch } = scanned
      if (batchHeader.isControl(batch)) return isFiltered ? null : viewControl(scanned)
      if (!header(record.headers) || !key.bytes(record.key) || !value.bytes(record.value))
        return null
      const shownKey = record.key && keyCodec.decode(record.key)
      if (!key.shown(shownKey)) return null
      const shownValue = record.value && valueCodec.decode(record.value)
      if (!value.shown(shownValue) || !path(shownValue, record.value?.length ?? 0)) return null
      return viewRecord(scanned, shownKey, shownValue)
    },
    unreadable: (batch) => (isFiltered ? null : viewUnreadable(batch)),
  }
}

function partTest(
  part: string | undefined,
  codec: ValueCodec,
): { readonly bytes: BytesTest; readonly shown: ShownTest } {
  if (part === undefined) return { bytes: ANY, shown: ANY }
  if (codec.searchable) {
    const wanted = codec.searchable(part)
    return { bytes: (bytes) => bytes?.includes(wanted) ?? false, shown: ANY }
  }
  return { bytes: (bytes) => bytes !== null, shown: (shown) => textOf(shown?.data).includes(part) }
}

function textOf(data: Json | undefined): string {
  return typeof data === 'string' ? data : JSON.stringify(data ?? null)
}

function headerTest(
  wanted: string | undefined,
): (headers: ScannedRecord['record']['headers']) => boolean {
  if (wanted === undefined) return ANY
  const [name = '', ...rest] = wanted.split('=')
  const part = rest.length > 0 ? Buffer.from(rest.join('=')) : null
  return (headers) =>
    headers.some(
      ({ key, value }) =>
        key === name && (part === null || (value !== null && Buffer.from(value).includes(part))),
    )
}

function pathTest(
  path: string | undefined,
  wanted: string | undefined,
): (shown: ShownValue | null, sizeBytes: number) => boolean {
  if (path === undefined) return ANY
  const test = jsonPathTest(path, wanted)
  return (shown, sizeBytes) =>
    shown !== null && shown.fault === undefined && test(shown.data, sizeBytes)
}
