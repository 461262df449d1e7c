import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { QueryTexts } from '../../kit/index.ts'
import { listPage } from '../../kit/index.ts'
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

export interface AskedRequest {
  readonly query: QueryTexts
  readonly params: QueryTexts
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
          query: request.query as QueryTexts,
          params: request.params as QueryTexts,
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

/** One page of a list: `limit` items from `cursor` on, which is a place in the list. */
export function pageOf(name: string, items: readonly object[], query: QueryTexts): object {
  return listPage(name, items, query, (fault) => new RequestFault('invalid-request', fault))
}
