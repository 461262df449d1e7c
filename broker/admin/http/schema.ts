import type { Static, TSchema } from 'typebox'
import { Type } from 'typebox'

/** An object that has these members and no others. With a title it is a named schema of openapi.json. */
export function closed<Members extends Parameters<typeof Type.Object>[0]>(
  members: Members,
  options: { readonly title?: string; readonly description?: string } = {},
) {
  return Type.Object(members, { ...options, additionalProperties: false })
}

/** A value or null, in the short form of JSON Schema for plain types. */
export function nullable<Schema extends TSchema & { readonly type: string }>(schema: Schema) {
  return Type.Unsafe<Static<Schema> | null>({ ...schema, type: [schema.type, 'null'] })
}

/** One of these texts. */
export function oneOf<const Values extends readonly string[]>(
  values: Values,
  options: { readonly default?: Values[number]; readonly description?: string } = {},
) {
  return Type.Unsafe<Values[number]>({ type: 'string', enum: [...values], ...options })
}

/** An offset, a size or a count. */
export function wholeNumber(description: string) {
  return Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description })
}

/** RFC 3339, UTC, milliseconds. */
export function time(description: string) {
  return Type.String({ format: 'date-time', description })
}

export function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString()
}

/** Longest name of a topic (Kafka's own bound), and what others are held to here. */
const MAX_TOPIC_NAME = 249
const MAX_NAME = 1024

export const topicName = (description = 'Name of the topic.') =>
  Type.String({ minLength: 1, maxLength: MAX_TOPIC_NAME, description })

export const name = (description: string) =>
  Type.String({ minLength: 1, maxLength: MAX_NAME, description })
