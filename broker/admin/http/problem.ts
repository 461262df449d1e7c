import type { FastifyReply } from 'fastify'
import type { ProblemRow } from './problem-row.ts'

/** What can go wrong at the HTTP door itself. Clients switch on the code; the status follows from it. */
export const HTTP_PROBLEMS = {
  'invalid-request': { status: 400, title: 'The request cannot be understood' },
  unauthorized: { status: 401, title: 'Authentication is required' },
  forbidden: { status: 403, title: 'The account may not do this' },
  'not-found': { status: 404, title: 'There is no such thing' },
  'method-not-allowed': { status: 405, title: 'This address does not have the method' },
  'request-timeout': { status: 408, title: 'The request did not arrive in time' },
  conflict: { status: 409, title: 'The state of the resource does not allow this' },
  'precondition-failed': { status: 412, title: 'The resource was changed meanwhile' },
  'too-large': { status: 413, title: 'The request is too large' },
  'unsupported-media-type': { status: 415, title: 'The body has to be JSON' },
  misdirected: { status: 421, title: 'The host asked for is not this one' },
  'undecodable-record': { status: 422, title: 'A record does not fit the schema given' },
  'too-many-requests': { status: 429, title: 'Too many attempts' },
  'headers-too-large': { status: 431, title: 'The headers are too large' },
  internal: { status: 500, title: 'The broker failed to answer' },
  unavailable: { status: 503, title: 'Not ready' },
} as const

type HttpProblemCode = keyof typeof HTTP_PROBLEMS

/** A part of the request that is wrong. */
export interface ProblemPart {
  /** A JSON pointer (RFC 6901) into the body, or the name of a parameter or header. */
  readonly where: string
  readonly detail: string
}

export interface ProblemDocument extends ProblemRow {
  readonly type: 'about:blank'
  readonly detail: string
  readonly errors?: readonly ProblemPart[]
}

/** Thrown by a route for a fault of its caller, or for an operation that was refused. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly row: ProblemRow
  readonly parts: readonly ProblemPart[]
  /** For `Retry-After` (RFC 9110, 10.2.3); null where waiting does not help. */
  readonly retryAfterSeconds: number | null

  constructor(
    problem: HttpProblemCode | ProblemRow,
    detail: string,
    parts: readonly ProblemPart[] = [],
    retryAfterSeconds: number | null = null,
  ) {
    super(detail)
    this.row = typeof problem === 'string' ? { code: problem, ...HTTP_PROBLEMS[problem] } : problem
    this.parts = parts
    this.retryAfterSeconds = retryAfterSeconds
  }

  get document(): ProblemDocument {
    const { code, status, title } = this.row
    const errors = this.parts.length > 0 ? { errors: this.parts } : {}
    return { type: 'about:blank', title, status, detail: this.message, code, ...errors }
  }
}

/** What a command was refused with: the history has the attempt already. */
export class Refusal extends Problem {}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json'

/** Answers with a problem document (RFC 9457) that carries a stable `code`. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.retryAfterSeconds !== null) reply.header('retry-after', problem.retryAfterSeconds)
  return reply
    .code(problem.row.status)
    .type(PROBLEM_MEDIA_TYPE)
    .send(JSON.stringify(problem.document))
}
