import type { HistoryRecord, Json, JsonObject } from '../../../audit/index.ts'
import { HistoryError } from '../../../audit/index.ts'

/**
 * Reads the members of a record's `after`, each with the type that it must have. Throws a
 * HistoryError that names the record and the member: a history that is half understood is not folded.
 */
export class AfterFields {
  readonly #json: JsonObject
  readonly #path: string
  readonly #record: HistoryRecord

  private constructor(json: JsonObject, path: string, record: HistoryRecord) {
    this.#json = json
    this.#path = path
    this.#record = record
  }

  static of(record: HistoryRecord): AfterFields {
    const { after } = record
    if (!isObject(after)) throw wrong(record, 'its after is not an object')
    return new AfterFields(after, 'after.', record)
  }

  has(name: string): boolean {
    return this.#json[name] !== undefined && this.#json[name] !== null
  }

  names(): readonly string[] {
    return Object.keys(this.#json).filter((name) => this.#json[name] !== undefined)
  }

  text(name: string): string {
    const value = this.#json[name]
    if (typeof value !== 'string') throw this.#wrong(name, 'is not a text')
    return value
  }

  textOrNull(name: string): string | null {
    return this.#json[name] === null ? null : this.text(name)
  }

  oneOf<Value extends string>(name: string, values: Readonly<Record<Value, unknown>>): Value {
    const value = this.text(name)
    if (!Object.hasOwn(values, value)) throw this.#wrong(name, `is ${JSON.stringify(value)}`)
    return value as Value
  }

  /** A whole number that JSON carries without loss. */
  integer(name: string): number {
    const value = this.#json[name]
    if (!Number.isSafeInteger(value)) throw this.#wrong(name, 'is not a whole number')
    return value as number
  }

  number(name: string): number {
    const value = this.#json[name]
    if (typeof value !== 'number') throw this.#wrong(name, 'is not a number')
    return value
  }

  boolean(name: string): boolean {
    const value = this.#json[name]
    if (typeof value !== 'boolean') throw this.#wrong(name, 'is neither true nor false')
    return value
  }

  object(name: string): AfterFields {
    const value = this.#json[name]
    if (!isObject(value)) throw this.#wrong(name, 'is not an object')
    return new AfterFields(value, `${this.#path}${name}.`, this.#record)
  }

  /** All members as they are, for what only others understand. */
  get whole(): JsonObject {
    return this.#json
  }

  /** A member that only others understand. */
  document(name: string): JsonObject {
    const value = this.#json[name]
    if (!isObject(value)) throw this.#wrong(name, 'is not an object')
    return value
  }

  texts(name: string): Readonly<Record<string, string>> {
    const value = this.#json[name]
    if (!isObject(value)) throw this.#wrong(name, 'is not an object')
    const isText = (entry: [string, Json | undefined]): entry is [string, string] =>
      typeof entry[1] === 'string'
    const entries = Object.entries(value)
    if (!entries.every(isText)) throw this.#wrong(name, 'has a value that is not a text')
    return Object.fromEntries(entries)
  }

  textList(name: string): readonly string[] {
    return this.#list(name).map((item) => {
      if (typeof item !== 'string') throw this.#wrong(name, 'has an item that is not a text')
      return item
    })
  }

  objectList(name: string): readonly AfterFields[] {
    return this.#list(name).map((item) => {
      if (!isObject(item)) throw this.#wrong(name, 'has an item that is not an object')
      return new AfterFields(item, `${this.#path}${name}[].`, this.#record)
    })
  }

  #list(name: string): readonly Json[] {
    const value = this.#json[name]
    if (!Array.isArray(value)) throw this.#wrong(name, 'is not a list')
    // Array.isArray widens the items of a readonly array to any.
    return value as readonly Json[]
  }

  #wrong(name: string, what: string): HistoryError {
    return wrong(this.#record, `${this.#path}${name} ${what}`)
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function wrong(record: HistoryRecord, what: string): HistoryError {
  return new HistoryError(`record ${record.seq} (${record.operation}) cannot be applied: ${what}`)
}
