import { HistoryError } from './history.ts'
import type { JsonObject } from './json.ts'
import { CURRENT_SCHEMA } from './record.ts'

/** Turns a stored record of one schema into the next. Pure, and never removed: old records are never rewritten. */
export type Upcaster = (stored: JsonObject) => JsonObject

/** The upcaster at position n turns schema n + 1 into schema n + 2. */
const UPCASTERS: readonly Upcaster[] = []

/**
 * The record as the current schema has it. Throws a HistoryError for a schema that this program
 * does not know: going on would fold a history that it only half understands.
 */
export function upcast(
  stored: JsonObject,
  upcasters: readonly Upcaster[] = UPCASTERS,
  currentSchema: number = CURRENT_SCHEMA,
): JsonObject {
  const { schema } = stored
  if (typeof schema !== 'number' || !Number.isInteger(schema) || schema < 1) {
    throw new HistoryError(`a record has no schema number but ${JSON.stringify(schema)}`)
  }
  if (schema > currentSchema) {
    throw new HistoryError(
      `a record has schema ${schema}, and this program knows schemas up to ${currentSchema}: a newer program wrote it`,
    )
  }
  let record = stored
  for (let version = schema; version < currentSchema; version++) {
    const step = upcasters[version - 1]
    if (!step) throw new Error(`no upcaster leads from schema ${version}`)
    record = { ...step(record), schema: version + 1 }
  }
  return record
}
