import type { FastifyRequest } from 'fastify'
import type { ControlPlane } from '../../control/index.ts'
import { operationKinds, operations } from '../../control/index.ts'
import { actorOf } from '../access/caller.ts'

/** What a route asks for, by method and path; the first where it may ask for several. */
const operationOfRoute: ReadonlyMap<string, string> = new Map(
  [...operationKinds]
    .reverse()
    .flatMap((kind) => operations[kind].http.map((route) => [route, kind] as const)),
)

/**
 * Somebody who is logged in asked for an operation in a form that no command can be made of, or of
 * what is not there: an attempt all the same. It is counted with others of its kind in one record a
 * minute, so that nobody fills the history with nonsense, and what was sent is not kept: people type
 * into the wrong field.
 */
export function observeMalformedAttempt(
  control: ControlPlane,
  request: FastifyRequest,
  status: number,
): void {
  const { config, url = '' } = request.routeOptions
  if (config.access?.kind !== 'command' || request.caller.mechanism === 'none') return
  const { dryRun } = (request.query ?? {}) as { readonly dryRun?: unknown }
  if (dryRun === true) return
  const route = `${request.method} ${url.replaceAll(/:([a-zA-Z]+)/g, '{$1}')}`
  control.observe({
    operation: operationOfRoute.get(route) ?? 'attempt',
    actor: actorOf(request),
    resource: { kind: 'attempts', name: route, id: null },
    decision: { allowed: true, rule: 'not-decided' },
    outcome: status === 404 ? MISSING : MALFORMED,
  })
}

const MALFORMED = {
  code: 'INVALID_REQUEST',
  message: 'The request is not of the form that it must have.',
}
const MISSING = { code: 'RESOURCE_NOT_FOUND', message: 'There is no such thing.' }
