import { decodeBase64 } from '../checkpoint/note-keys.ts'
import type { ExportPieces } from '../export-pieces.ts'
import type { Json, JsonObject } from '../json.ts'
import { canonicalJson } from '../json.ts'
import { HASH_BYTES, leafHashText } from '../merkle/hashes.ts'

/**
 * An export with proof: JSON lines that can be verified without a broker. First a header, then the
 * records in order, each with its leaf hash, a checkpoint after the last record that it covers, and
 * an end, without which the export was cut off. Each line has exactly one form, so that no byte of
 * an export can change without being noticed.
 */
export interface ExportHeader {
  /** Which log. */
  readonly origin: string
  /** The verifier key that is in force for the first checkpoint. */
  readonly key: string
  /** Sequence number of the first record. */
  readonly from: number
  /** Right edge of the Merkle tree before the first record; empty at the beginning. */
  readonly edge: readonly Buffer[]
}

export type ExportLine =
  | { readonly kind: 'header'; readonly header: ExportHeader }
  | { readonly kind: 'record'; readonly leaf: string; readonly bytes: Buffer }
  | { readonly kind: 'checkpoint'; readonly text: string }
  /** Number of records of the history up to here. */
  | { readonly kind: 'end'; readonly size: number }

const FORMAT = 'glasslog-audit-export'
const VERSION = 1

/** The format is right and newer than this program. */
export class ExportVersionError extends Error {
  override readonly name = 'ExportVersionError'
}

export function encodeHeader({ origin, key, from, edge }: ExportHeader): Buffer {
  const hashes = edge.map((hash) => hash.toString('base64'))
  return lineOf({ format: FORMAT, version: VERSION, origin, key, from, edge: hashes })
}

const RECORD_START = Buffer.from('{"leaf":"')
const RECORD_MIDDLE = Buffer.from('","record":')
const RECORD_END = Buffer.from('}\n')
/** Characters of a hash in base64. */
const LEAF_CHARACTERS = 44

/** Of a record in its line, beside the record itself. */
const RECORD_LINE_BYTES =
  RECORD_START.length + LEAF_CHARACTERS + RECORD_MIDDLE.length + RECORD_END.length

/** The stored bytes stand in the line as they are: they are canonical JSON and have no line breaks. */
export function writeRecordLine(pieces: ExportPieces, bytes: Uint8Array): void {
  const line = pieces.reserve(RECORD_LINE_BYTES + bytes.length)
  const middleAt = RECORD_START.length + LEAF_CHARACTERS
  const recordAt = middleAt + RECORD_MIDDLE.length
  line.set(bytes, recordAt)
  line.set(RECORD_END, recordAt + bytes.length)
  line.write(leafHashText(line, recordAt, bytes.length), RECORD_START.length, 'latin1')
  line.set(RECORD_START)
  line.set(RECORD_MIDDLE, middleAt)
  pieces.commit(line.length)
}

export function encodeCheckpointLine(text: string): Buffer {
  return lineOf({ checkpoint: text })
}

export function encodeEnd(size: number): Buffer {
  return lineOf({ end: size })
}

function lineOf(value: JsonObject): Buffer {
  return Buffer.from(`${canonicalJson(value)}\n`)
}

/**
 * Reads one line, without its line break. Null when it is none of these lines in its one form.
 * Throws an ExportVersionError.
 */
export function parseExportLine(line: Buffer): ExportLine | null {
  if (line.subarray(0, RECORD_START.length).equals(RECORD_START)) return parseRecordLine(line)
  const value = parseJson(line)
  if (value === null) return null
  // The line must be what this program would have written: it has no second spelling.
  if (!Buffer.from(canonicalJson(value)).equals(line)) return null
  if (value.format === FORMAT) return parseHeader(value)
  const names = Object.keys(value)
  if (names.length !== 1) return null
  if (typeof value.checkpoint === 'string') return { kind: 'checkpoint', text: value.checkpoint }
  return isCount(value.end) ? { kind: 'end', size: value.end } : null
}

function parseRecordLine(line: Buffer): ExportLine | null {
  const leafEnd = RECORD_START.length + LEAF_CHARACTERS
  const start = leafEnd + RECORD_MIDDLE.length
  if (line.length < start + 2 || line[line.length - 1] !== 0x7d) return null
  if (!line.subarray(leafEnd, start).equals(RECORD_MIDDLE)) return null
  return {
    kind: 'record',
    leaf: line.toString('latin1', RECORD_START.length, leafEnd),
    bytes: line.subarray(start, line.length - 1),
  }
}

function parseHeader(value: JsonObject): ExportLine | null {
  const { version, origin, key, from, edge } = value
  if (isCount(version) && version > VERSION) {
    throw new ExportVersionError(`the export has version ${version}, and this program knows 1`)
  }
  if (Object.keys(value).length !== 6 || version !== VERSION) return null
  if (typeof origin !== 'string' || typeof key !== 'string' || !isCount(from)) return null
  const hashes = Array.isArray(edge) ? (edge as readonly Json[]).map(hashOf) : [null]
  if (hashes.includes(null)) return null
  const header = { origin, key, from, edge: hashes.filter((hash) => hash !== null) }
  return { kind: 'header', header }
}

function hashOf(text: Json): Buffer | null {
  const bytes = typeof text === 'string' ? decodeBase64(text) : null
  return bytes?.length === HASH_BYTES ? bytes : null
}

function isCount(value: Json | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function parseJson(line: Buffer): JsonObject | null {
  try {
    const value: unknown = JSON.parse(utf8.decode(line))
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    // What JSON.parse answers is Json by construction.
    return isObject ? (value as JsonObject) : null
  } catch {
    return null
  }
}
