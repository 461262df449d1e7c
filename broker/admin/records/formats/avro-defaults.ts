import avro from 'avsc'
import type { Json, JsonObject } from '../../../../audit/index.ts'
import { UnfitValue } from './value-codec.ts'

/** Values that one schema's defaults may stand for, all of them together. */
const MAX_DEFAULT_VALUES = 1000
/** Values that defaults may add to what one request writes. */
const MAX_ADDED_VALUES = 2_000_000
/** Defaults within each other; a record whose default has the record itself has no end. */
const MAX_DEPTH = 128

/**
 * Counts what defaults stand for, without making it. A default of a record takes the defaults of the
 * fields that it leaves out: twenty short records that have the one before twice are a million
 * values, made when the schema is compiled, and again for each record that leaves them out.
 */
export class AvroDefaults {
  readonly #byType = new Map<avro.Type, readonly (Json | undefined)[]>()
  /** Most values that one object of a record written may leave to defaults. */
  readonly #largest: number
  #valuesLeft = MAX_DEFAULT_VALUES
  #addedLeft = MAX_ADDED_VALUES

  /**
   * The schema and what it was compiled to without defaults. Throws an UnfitValue when they stand for
   * too much.
   */
  constructor(schema: Json, type: avro.Type) {
    this.#gather(schema, type)
    let largest = 0
    for (const [record, defaults] of this.#byType) {
      const before = this.#valuesLeft
      for (const [index, field] of fieldsOf(record).entries()) {
        const value = defaults[index]
        if (value !== undefined) this.#spend(field.type, value, 0)
      }
      largest = Math.max(largest, before - this.#valuesLeft)
    }
    this.#largest = largest
  }

  /** Throws an UnfitValue when this value and those before it leave too much to defaults. */
  checkWritten(value: Json): void {
    if (this.#largest === 0) return
    this.#addedLeft -= objectsIn(value) * this.#largest
    if (this.#addedLeft >= 0) return
    throw new UnfitValue(
      `defaults of the schema could add more than ${MAX_ADDED_VALUES} values; send fewer records at once`,
    )
  }

  /** Walks the schema and its type side by side: each record is defined in one place. */
  #gather(schema: Json | undefined, type: avro.Type): void {
    const { types } = avro
    if (typeof schema !== 'object' || schema === null) return
    if (Array.isArray(schema)) {
      const branches = branchesOf(type)
      for (const [index, branch] of branches.entries()) this.#gather(schema[index], branch)
      return
    }
    const node = schema as JsonObject
    if (type instanceof types.LogicalType) this.#gather(schema, type.underlyingType)
    else if (typeof node.type === 'object') this.#gather(node.type, type)
    else if (type instanceof types.ArrayType) this.#gather(node.items, type.itemsType)
    else if (type instanceof types.MapType) this.#gather(node.values, type.valuesType)
    else if (type instanceof types.RecordType) {
      const fields = (node.fields ?? []) as readonly JsonObject[]
      this.#byType.set(
        type,
        fields.map((field) => field.default),
      )
      for (const [index, field] of type.fields.entries()) {
        this.#gather(fields[index]?.type, field.type)
      }
    }
  }

  #spend(given: avro.Type, value: Json, depth: number): void {
    const { types } = avro
    const type = given instanceof types.LogicalType ? given.underlyingType : given
    if (this.#valuesLeft-- <= 0 || depth > MAX_DEPTH) {
      throw new UnfitValue(
        `defaults of the schema stand for more than ${MAX_DEFAULT_VALUES} values`,
      )
    }
    // Which branch a default is of is not looked at here: it costs no more than all of them.
    for (const branch of branchesOf(type)) this.#spend(branch, value, depth + 1)
    if (typeof value !== 'object' || value === null) return
    if (type instanceof types.ArrayType || type instanceof types.MapType) {
      const inner = type instanceof types.ArrayType ? type.itemsType : type.valuesType
      for (const item of Object.values(value)) this.#spend(inner, item ?? null, depth + 1)
    } else if (type instanceof types.RecordType) {
      const defaults = this.#byType.get(type) ?? []
      for (const [index, field] of type.fields.entries()) {
        const member = (value as JsonObject)[field.name] ?? defaults[index]
        if (member !== undefined) this.#spend(field.type, member, depth + 1)
      }
    }
  }
}

function fieldsOf(type: avro.Type): readonly { readonly name: string; readonly type: avro.Type }[] {
  return type instanceof avro.types.RecordType ? type.fields : []
}

function branchesOf(type: avro.Type): readonly avro.Type[] {
  const { WrappedUnionType, UnwrappedUnionType } = avro.types
  const isUnion = type instanceof WrappedUnionType || type instanceof UnwrappedUnionType
  return isUnion ? type.types : []
}

function objectsIn(value: Json): number {
  let count = 0
  const open: Json[] = [value]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null) continue
    if (!Array.isArray(next)) count++
    for (const member of Object.values(next)) if (member !== undefined) open.push(member)
  }
  return count
}
