import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ErrorType, QueryOutcome } from '../query/index.ts'
import { ERROR_STATUS, errorTypeOf } from '../query/index.ts'
import { ParameterError, Parameters } from './parameters.ts'

/** Answers with what `answer` gives, or with its error in Prometheus' form. */
export function handled(answer: (parameters: Parameters) => Promise<object>) {
  return answered(async (parameters) => ({ status: 'success', ...(await answer(parameters)) }))
}

/** The same for queries, whose answers come as the bytes to be sent; the signal tells that the client went away. */
export function queried(
  ask: (parameters: Parameters, signal: AbortSignal) => Promise<QueryOutcome>,
) {
  return answered(async (parameters, reply) => {
    const outcome = await ask(parameters, clientGone(reply))
    if (outcome.kind === 'error') return refuse(reply, outcome.errorType, outcome.message)
    return reply.type('application/json; charset=utf-8').send(outcome.body)
  })
}

function answered(answer: (parameters: Parameters, reply: FastifyReply) => Promise<object>) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<object> => {
    try {
      const form = typeof request.body === 'string' ? request.body : null
      return await answer(new Parameters(request.url, form), reply)
    } catch (error) {
      const errorType = error instanceof ParameterError ? 'bad_data' : errorTypeOf(error)
      if (errorType !== null) return refuse(reply, errorType, (error as Error).message)
      request.log.error({ err: error }, 'a query failed')
      return refuse(reply, 'internal', 'the monitor failed to answer')
    }
  }
}

/** Aborted when the connection ends before the answer does. */
export function clientGone(reply: FastifyReply): AbortSignal {
  const gone = new AbortController()
  // It may have gone while the broker was asked who it is.
  if (reply.raw.destroyed) gone.abort()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort()
  })
  return gone.signal
}

export function refuse(reply: FastifyReply, errorType: ErrorType, error: string): object {
  return reply.status(ERROR_STATUS[errorType]).send({ status: 'error', errorType, error })
}
