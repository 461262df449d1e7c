import type { CredentialShape, CredentialShapes } from './credentials.ts'
import type { ScramKeys } from './scram-keys.ts'

/** 130 random bits in base 36, as Kafka's tools write a salt. */
const TEXT_SALT = /^[0-9a-z]{20,26}$/

/** The shapes of these credentials, in an order that depends on nothing but which there are. */
export function shapesOf(credentials: Iterable<ScramKeys>): CredentialShapes {
  const counts = new Map<string, { readonly shape: CredentialShape; count: number }>()
  for (const { salt, iterations } of credentials) {
    const shape = { iterations, salt: isTextSalt(salt) ? 'text' : salt.length } as const
    const key = `${String(iterations).padStart(5, '0')} ${String(shape.salt).padStart(5, '0')}`
    const counted = counts.get(key)
    if (counted) counted.count++
    else counts.set(key, { shape, count: 1 })
  }
  return [...counts].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, counted]) => counted)
}

/**
 * The shape at a place between 0 and 1, where each has as much room as there are credentials of it.
 * Null when there are none.
 */
export function shapeAt(shapes: CredentialShapes, place: number): CredentialShape | null {
  const total = shapes.reduce((sum, { count }) => sum + count, 0)
  let reached = 0
  for (const { shape, count } of shapes) {
    reached += count / total
    if (place < reached) return shape
  }
  return shapes.at(-1)?.shape ?? null
}

function isTextSalt(salt: Buffer): boolean {
  return TEXT_SALT.test(salt.toString('latin1'))
}
