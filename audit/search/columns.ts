import type { HistoryRecord } from '../record.ts'
import { DOORS } from '../record.ts'
import { changesState, resourceKey } from '../state/history-state.ts'

/** Records of one segment of the index. */
export const SEGMENT_RECORDS = 8192

/** What is kept of each record so that most filters need not read it. Texts are kept as hashes. */
export const COLUMNS = {
  timeMs: 'f64',
  principal: 'u32',
  principalName: 'u32',
  resourceName: 'u32',
  resourceId: 'u32',
  kindAndName: 'u32',
  key: 'u32',
  address: 'u32',
  /** Positions in the segment's own lists of texts. */
  operation: 'u16',
  outcome: 'u16',
  door: 'u8',
  flags: 'u8',
} as const

export type ColumnName = keyof typeof COLUMNS
export type Column = Float64Array | Uint32Array | Uint16Array | Uint8Array

/** Bits of `flags`. */
export const CHANGES_STATE = 1

const WIDTHS = { f64: 8, u32: 4, u16: 2, u8: 1 } as const

/** Where each column of a segment of so many records begins, and how many bytes they are together. */
export function columnLayout(count: number): {
  readonly offsets: Readonly<Record<ColumnName, number>>
  readonly sizeBytes: number
} {
  let at = 0
  const offsets = Object.entries(COLUMNS).map(([name, type]) => {
    const offset = at
    at += count * WIDTHS[type]
    return [name, offset] as const
  })
  return { offsets: Object.fromEntries(offsets) as Record<ColumnName, number>, sizeBytes: at }
}

/** A column of `count` values over bytes that begin with it; the bytes must be aligned to eight. */
export function columnView(name: ColumnName, bytes: Uint8Array, count: number): Column {
  const { buffer, byteOffset } = bytes
  switch (COLUMNS[name]) {
    case 'f64':
      return new Float64Array(buffer, byteOffset, count)
    case 'u32':
      return new Uint32Array(buffer, byteOffset, count)
    case 'u16':
      return new Uint16Array(buffer, byteOffset, count)
    case 'u8':
      return bytes.subarray(0, count)
  }
}

export function columnBytes(name: ColumnName, count: number): number {
  return WIDTHS[COLUMNS[name]] * count
}

/** FNV-1a over the UTF-16 code units. Collisions cost a look at a record that does not match. */
export function textHash(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  }
  return hash >>> 0
}

/** The part of a principal after its type: `alice` of `User:alice`. */
export function nameOfPrincipal(principal: string): string {
  return principal.slice(principal.indexOf(':') + 1)
}

/** The columns of the segment that records are still being added to. */
export class ColumnBuilder {
  readonly bytes = new Uint8Array(columnLayout(SEGMENT_RECORDS).sizeBytes)
  readonly operations: string[] = []
  readonly outcomes: string[] = []
  readonly #columns: Readonly<Record<ColumnName, Column>>
  #count = 0

  constructor() {
    const { offsets } = columnLayout(SEGMENT_RECORDS)
    const columns = Object.entries(offsets).map(([name, offset]) => {
      const column = name as ColumnName
      return [column, columnView(column, this.bytes.subarray(offset), SEGMENT_RECORDS)] as const
    })
    this.#columns = Object.fromEntries(columns) as Record<ColumnName, Column>
  }

  get count(): number {
    return this.#count
  }

  column(name: ColumnName): Column {
    return this.#columns[name]
  }

  add(record: HistoryRecord): void {
    const { kind, name, id } = record.resource
    const { principal } = record.actor
    this.#set('timeMs', Date.parse(record.recordedAt))
    this.#set('principal', textHash(principal))
    this.#set('principalName', textHash(nameOfPrincipal(principal)))
    this.#set('resourceName', textHash(name))
    this.#set('resourceId', textHash(id ?? ''))
    this.#set('kindAndName', textHash(`${kind}:${name}`))
    this.#set('key', textHash(resourceKey(record.resource)))
    this.#set('address', textHash(record.source.ip))
    this.#set('operation', positionIn(this.operations, record.operation))
    this.#set('outcome', positionIn(this.outcomes, record.outcome.code))
    this.#set('door', DOORS.indexOf(record.door))
    this.#set('flags', changesState(record) ? CHANGES_STATE : 0)
    this.#count++
  }

  #set(name: ColumnName, value: number): void {
    this.#columns[name][this.#count] = value
  }
}

function positionIn(texts: string[], text: string): number {
  const position = texts.indexOf(text)
  return position >= 0 ? position : texts.push(text) - 1
}
