import type { FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from './problem.ts'

/**
 * The entity tag of a resource is the number of its last record in the history (RFC 9110, 8.8.3):
 * it changes with every change, and nothing that was changed back has the old one.
 */
export function setETag(reply: FastifyReply, seq: number | undefined): void {
  if (seq !== undefined) reply.header('etag', `"${seq}"`)
}

/** The record that `If-Match` asks for; null when it asks for none, `any` for `*` (RFC 9110, 13.1.1). */
export function expectedSeqOf(request: FastifyRequest): number | 'any' | null {
  const header = request.headers['if-match']
  if (header === undefined) return null
  if (header === '*') return 'any'
  const seq = /^"(\d{1,15})"$/.exec(header)?.[1]
  if (seq !== undefined) return Number(seq)
  throw new Problem(
    'invalid-request',
    'If-Match takes the ETag that the resource had, such as "17"',
    [{ where: 'if-match', detail: 'is not an ETag of this API' }],
  )
}
