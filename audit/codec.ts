import { HistoryError } from './history.ts'
import type { Json, JsonObject } from './json.ts'
import { canonicalJson } from './json.ts'
import type { HistoryRecord } from './record.ts'
import { DOORS, REVERSALS } from './record.ts'
import { upcast } from './upcast.ts'

/** The bytes of a record, which are stored, hashed and exported: canonical JSON in UTF-8. */
export function encodeRecord(record: HistoryRecord): Buffer {
  return Buffer.from(canonicalJson(recordToJson(record)))
}

export function recordToJson(record: HistoryRecord): JsonObject {
  return {
    ...record,
    actor: { ...record.actor },
    source: { ...record.source },
    resource: { ...record.resource },
    decision: { ...record.decision },
    outcome: { ...record.outcome },
  }
}

/** The record that these bytes are, at that place in the history. Throws a HistoryError that says what is wrong. */
export function decodeRecord(bytes: Uint8Array, seq: number): HistoryRecord {
  try {
    return parseRecord(bytes, seq)
  } catch (error) {
    if (!(error instanceof HistoryError)) throw error
    throw new HistoryError(`record ${seq} of the history cannot be used: ${error.message}`)
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function parseRecord(bytes: Uint8Array, seq: number): HistoryRecord {
  let stored: unknown
  try {
    stored = JSON.parse(utf8.decode(bytes))
  } catch (cause) {
    throw new HistoryError('it is not JSON in UTF-8', { cause })
  }
  // What JSON.parse answers is Json by construction.
  const fields = new Fields(upcast(asObject(stored as Json, 'the record')), '')
  if (fields.number('seq') !== seq)
    throw new HistoryError(`it says that its seq is ${fields.number('seq')}`)
  const actor = fields.object('actor')
  const source = fields.object('source')
  const resource = fields.object('resource')
  const decision = fields.object('decision')
  const outcome = fields.object('outcome')
  return {
    schema: fields.number('schema'),
    seq,
    id: fields.text('id'),
    requestId: fields.text('requestId'),
    recordedAt: fields.time('recordedAt'),
    occurredAt: fields.time('occurredAt'),
    actor: {
      principal: actor.text('principal'),
      mechanism: actor.text('mechanism'),
      ...present('tokenId', actor.optionalText('tokenId')),
      ...present('onBehalfOf', actor.optionalText('onBehalfOf')),
    },
    source: {
      ip: source.text('ip'),
      listener: source.text('listener'),
      ...present('clientId', source.optionalText('clientId')),
      ...present('software', source.optionalText('software')),
    },
    door: fields.oneOf('door', DOORS),
    operation: fields.text('operation'),
    resource: {
      kind: resource.text('kind'),
      name: resource.text('name'),
      id: resource.textOrNull('id'),
    },
    decision: { allowed: decision.boolean('allowed'), rule: decision.text('rule') },
    request: fields.json('request'),
    before: fields.json('before'),
    after: fields.json('after'),
    outcome: { code: outcome.text('code'), message: outcome.textOrNull('message') },
    reversal: fields.oneOf('reversal', REVERSALS),
    ...present('reason', fields.optionalText('reason')),
    ...present('causes', fields.optionalSeqs('causes')),
    ...present('reverts', fields.optionalSeqs('reverts')),
  }
}

function asObject(value: Json | undefined, what: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new HistoryError(`${what} is not an object`)
  }
  return value as JsonObject
}

/** The member, unless it is undefined: optional members are absent, not undefined. */
function present<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [Name in Key]?: Value } {
  // A computed key widens to string; this object has exactly that one.
  return (value === undefined ? {} : { [key]: value }) as { readonly [Name in Key]?: Value }
}

/** Reads the members of an object, each with the type it must have. */
class Fields {
  readonly #object: JsonObject
  readonly #path: string

  constructor(object: JsonObject, path: string) {
    this.#object = object
    this.#path = path
  }

  json(name: string): Json {
    const value = this.#object[name]
    if (value === undefined) throw this.#wrong(name, 'missing')
    return value
  }

  object(name: string): Fields {
    return new Fields(asObject(this.#object[name], this.#path + name), `${this.#path}${name}.`)
  }

  text(name: string): string {
    const value = this.#object[name]
    if (typeof value !== 'string') throw this.#wrong(name, 'not a text')
    return value
  }

  textOrNull(name: string): string | null {
    return this.#object[name] === null ? null : this.text(name)
  }

  optionalText(name: string): string | undefined {
    return this.#object[name] === undefined ? undefined : this.text(name)
  }

  number(name: string): number {
    const value = this.#object[name]
    if (!isSeq(value)) throw this.#wrong(name, 'not a whole number')
    return value
  }

  boolean(name: string): boolean {
    const value = this.#object[name]
    if (typeof value !== 'boolean') throw this.#wrong(name, 'neither true nor false')
    return value
  }

  time(name: string): string {
    const value = this.text(name)
    if (Number.isNaN(Date.parse(value))) throw this.#wrong(name, 'not a time')
    return value
  }

  oneOf<One extends string>(name: string, all: readonly One[]): One {
    const value = all.find((one) => one === this.#object[name])
    if (value === undefined) throw this.#wrong(name, `none of ${all.join(', ')}`)
    return value
  }

  optionalSeqs(name: string): readonly number[] | undefined {
    const value = this.#object[name]
    if (value === undefined) return undefined
    if (!Array.isArray(value) || !value.every(isSeq)) {
      throw this.#wrong(name, 'not a list of sequence numbers')
    }
    return value
  }

  #wrong(name: string, what: string): HistoryError {
    return new HistoryError(`${this.#path}${name} is ${what}`)
  }
}

function isSeq(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
