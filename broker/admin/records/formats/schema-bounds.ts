import type { Json } from '../../../../audit/index.ts'
import { UnfitValue } from './value-codec.ts'

/** Longest text of a schema: it has to fit into an address when records are looked at. */
export const MAX_SCHEMA_LENGTH = 48 * 1024

/**
 * What a schema may have. The libraries write a program for each type, in a time that grows with the
 * square of its fields: what fits into the longest text would hold everybody else up for seconds.
 */
const MAX_DEPTH = 256
const MAX_TYPES = 500
const MAX_FIELDS = 1000

/** Holds the JSON of an Avro schema to the bounds, before anything is made of it. */
export function checkAvroSchema(schema: Json): void {
  let types = 0
  let fields = 0
  let level: Json[] = [schema]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw tooMuch(`more than ${MAX_DEPTH} levels`)
    const next: Json[] = []
    for (const node of level) {
      if (typeof node !== 'object' || node === null) continue
      for (const [name, member] of Object.entries(node)) {
        if (name === 'name' && 'type' in node) types++
        if (name === 'fields' && Array.isArray(member)) fields += member.length
        // What a default stands for is counted when it is used.
        if (name !== 'default' && member !== undefined) next.push(member)
      }
    }
    level = next
  }
  checkCounts(types - fields, fields)
}

/**
 * Holds the text of a Protobuf schema to the bounds: types have a brace each, fields and values of
 * enums an equals sign, reserved numbers, which are compared with each field, a comma.
 */
export function checkProtobufSchema(schema: string): void {
  let [braces, depth, equals, commas] = [0, 0, 0, 0]
  for (const character of schema) {
    if (character === '{') {
      braces++
      if (++depth > MAX_DEPTH) throw tooMuch(`more than ${MAX_DEPTH} levels`)
    } else if (character === '}') depth--
    else if (character === '=') equals++
    else if (character === ',') commas++
  }
  checkCounts(braces, Math.max(equals, commas))
}

function checkCounts(types: number, fields: number): void {
  if (types > MAX_TYPES) throw tooMuch(`more than ${MAX_TYPES} types`)
  if (fields > MAX_FIELDS) throw tooMuch(`more than ${MAX_FIELDS} fields`)
}

export function checkLength(schema: string): void {
  if (schema.length > MAX_SCHEMA_LENGTH) throw tooMuch(`more than ${MAX_SCHEMA_LENGTH} characters`)
}

function tooMuch(what: string): UnfitValue {
  return new UnfitValue(`the schema has ${what}`)
}
