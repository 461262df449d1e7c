import type { FastifyRequest } from 'fastify'
import type { ControlPlane } from '../control/index.ts'
import { actorOf } from './access/caller.ts'

/**
 * That somebody read the history: counted with others of the kind in one record a minute, so that
 * reading does not feed what is read.
 */
export function recordRead(
  control: ControlPlane,
  request: FastifyRequest,
  query: Readonly<Record<string, string>>,
): void {
  control.observe({
    operation: 'audit.read',
    actor: actorOf(request),
    resource: { kind: 'audit', name: request.routeOptions.url ?? '', id: null },
    decision: { allowed: true, rule: 'READ __audit' },
    outcome: { code: 'NONE', message: null },
    request: { ...query },
  })
}
