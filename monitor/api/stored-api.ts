import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ConfigFault } from '../../alerting/index.ts'
import type { FindBroker } from '../follow-broker.ts'
import type { RuleFault } from '../rules/index.ts'
import { parseRuleFile, RuleFileError } from '../rules/index.ts'
import { contactPointFaults, policyFaults } from './stored-faults.ts'

const TIMEOUT_MS = 30_000
/** Headers of an answer of the broker that say something of the resource. */
const PASSED_ON = ['content-type', 'etag', 'location', 'retry-after'] as const

/**
 * Rules, contact points and the notification policy, which the broker keeps as recorded control operations. What only the
 * monitor understands is checked here, with the place of each fault; then the request goes on to the admin API with the
 * caller's own credential, so that the record names them.
 */
export function addStoredApi(app: FastifyInstance, findBroker: FindBroker): void {
  const passOn = async (request: FastifyRequest, reply: FastifyReply): Promise<object> => {
    const broker = await findBroker()
    if (broker === null) return away(reply, 'There is no broker')
    try {
      return await forward(`${broker.url}${request.url}`, request, reply)
    } catch (error) {
      request.log.warn({ err: error }, 'the broker did not answer')
      return away(reply, 'The broker did not answer; whether it did what was asked is not known')
    }
  }
  for (const url of ['/v1/rules', '/v1/rules/:name', '/v1/notification-policy']) {
    app.get(url, passOn)
  }
  for (const url of ['/v1/rules/:name', '/v1/contact-points/:name', '/v1/notification-policy']) {
    app.delete(url, passOn)
  }
  app.get('/v1/contact-points/:name', passOn)
  app.put<{ Params: { name: string } }>('/v1/contact-points/:name', async (request, reply) => {
    const faults = contactPointFaults(request.params.name, request.body)
    if (faults.length > 0)
      return problem(reply, 400, 'invalid-contact-point', 'The contact point has faults', faults)
    return passOn(request, reply)
  })
  app.put('/v1/notification-policy', async (request, reply) => {
    const faults = policyFaults(request.body)
    if (faults.length > 0)
      return problem(reply, 400, 'invalid-policy', 'The policy has faults', faults)
    return passOn(request, reply)
  })
  app.put<{ Params: { name: string } }>('/v1/rules/:name', async (request, reply) => {
    const faults = faultsOf(request.params.name, request.body)
    if (faults.length > 0)
      return problem(reply, 400, 'invalid-rules', 'The rules have faults', faults)
    return passOn(request, reply)
  })
}

/** What the monitor alone can judge: expressions and templates. Places are those of the body, written out over lines. */
function faultsOf(name: string, body: unknown): readonly RuleFault[] {
  const group = typeof body === 'object' && body !== null ? body : {}
  const text = JSON.stringify({ groups: [{ ...group, name }] }, null, 2)
  try {
    parseRuleFile(text, name)
    return []
  } catch (error) {
    if (error instanceof RuleFileError) return error.faults
    throw error
  }
}

async function forward(url: string, request: FastifyRequest, reply: FastifyReply): Promise<object> {
  const { authorization, 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers
  const hasBody = request.body !== undefined && request.body !== null
  const answer = await fetch(url, {
    method: request.method,
    headers: {
      ...(authorization === undefined ? {} : { authorization }),
      ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
      ...(ifNoneMatch === undefined ? {} : { 'if-none-match': ifNoneMatch }),
      ...(hasBody ? { 'content-type': 'application/json' } : {}),
    },
    ...(hasBody ? { body: JSON.stringify(request.body) } : {}),
    signal: AbortSignal.timeout(TIMEOUT_MS),
    redirect: 'error',
  })
  for (const name of PASSED_ON) {
    const value = answer.headers.get(name)
    if (value !== null) reply.header(name, value)
  }
  return reply.status(answer.status).send(Buffer.from(await answer.arrayBuffer()))
}

function away(reply: FastifyReply, title: string): object {
  return problem(reply, 503, 'broker-away', title, [])
}

function problem(
  reply: FastifyReply,
  status: number,
  code: string,
  title: string,
  faults: readonly (RuleFault | ConfigFault)[],
): object {
  const detail = faults
    .map((fault) => ('path' in fault ? `${fault.path}: ${fault.message}` : placed(fault)))
    .join('\n')
  return reply
    .status(status)
    .type('application/problem+json')
    .send({ type: 'about:blank', title, status, code, detail, faults })
}

function placed({ line, column, message }: RuleFault): string {
  return `${line}:${column}: ${message}`
}
