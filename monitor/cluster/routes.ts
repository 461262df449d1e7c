import type { FastifyInstance, FastifyRequest } from 'fastify'
import { BrokerUnreachableError } from './admin-client.ts'

const FAULTS = {
  'invalid-request': [400, 'The request is not valid'],
  'not-found': [404, 'There is no such thing'],
  conflict: [409, 'This cannot be done now'],
  refused: [422, 'The broker refuses it'],
  unavailable: [503, 'The broker does not answer'],
} as const

/** A request that cannot be answered as asked; told as a problem document (RFC 9457). */
export class RequestFault extends Error {
  readonly code: keyof typeof FAULTS

  constructor(code: keyof typeof FAULTS, message: string) {
    super(message)
    this.name = 'RequestFault'
    this.code = code
  }
}

type Texts = Readonly<Record<string, string | undefined>>

export interface AskedRequest {
  readonly query: Texts
  readonly params: Texts
  readonly body: unknown
  /** The header of who asks. */
  readonly authorization: string | null
  readonly request: FastifyRequest
}

/** One of the monitor's own routes: answers JSON, or a problem document. */
export function addRoute(
  app: FastifyInstance,
  method: 'GET' | 'POST',
  url: string,
  answer: (asked: AskedRequest) => Promise<object | { readonly svg: string }>,
): void {
  app.route({
    method,
    url,
    async handler(request, reply) {
      try {
        const answered = await answer({
          query: request.query as Texts,
          params: request.params as Texts,
          body: request.body,
          authorization: request.headers.authorization ?? null,
          request,
        })
        if ('svg' in answered && typeof answered.svg === 'string')
          return reply.type('image/svg+xml').send(answered.svg)
        return reply.type('application/json').send(JSON.stringify(answered))
      } catch (error) {
        const fault =
          error instanceof BrokerUnreachableError
            ? new RequestFault('unavailable', error.message)
            : error
        if (!(fault instanceof RequestFault)) throw error
        const [status, title] = FAULTS[fault.code]
        const problem = {
          ...{ type: 'about:blank', title, status, code: fault.code, detail: fault.message },
        }
        return reply.status(status).type('application/problem+json').send(JSON.stringify(problem))
      }
    },
  })
}

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1_000

/** One page of a list: `limit` items from `cursor` on, which is a place in the list. */
export function pageOf(name: string, items: readonly object[], query: Texts): object {
  const limit = wholeNumber(query.limit, 'limit', DEFAULT_LIMIT, [1, MAX_LIMIT])
  const start = wholeNumber(query.cursor, 'cursor', 0, [0, Number.MAX_SAFE_INTEGER])
  const end = start + limit
  return { [name]: items.slice(start, end), next: end < items.length ? String(end) : null }
}

function wholeNumber(
  text: string | undefined,
  name: string,
  otherwise: number,
  [min, max]: readonly [min: number, max: number],
): number {
  if (text === undefined) return otherwise
  const value = Number(text)
  if (/^\d{1,15}$/.test(text) && value >= min && value <= max) return value
  throw new RequestFault('invalid-request', `${name} must be a whole number, ${min} to ${max}`)
}
