import type { FastifyReply } from 'fastify'

/** What can go wrong at the HTTP door. Clients switch on the code; the status follows from it. */
export const PROBLEMS = {
  unauthorized: { status: 401, title: 'Authentication is required' },
  'not-found': { status: 404, title: 'There is no such thing' },
  'invalid-request': { status: 400, title: 'The request cannot be understood' },
  'too-large': { status: 413, title: 'The request is too large' },
  unavailable: { status: 503, title: 'Not ready' },
  internal: { status: 500, title: 'The broker failed to answer' },
} as const

export type ProblemCode = keyof typeof PROBLEMS

/** Answers with a problem document (RFC 9457) that carries a stable `code`. */
export function sendProblem(reply: FastifyReply, code: ProblemCode, detail: string): FastifyReply {
  const { status, title } = PROBLEMS[code]
  return reply
    .code(status)
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', title, status, detail, code }))
}

/** Thrown by a route for a fault of its caller. */
export class Problem extends Error {
  readonly code: ProblemCode

  constructor(code: ProblemCode, detail: string) {
    super(detail)
    this.code = code
  }
}
