import type { Command } from '../control/index.ts'
import { actorOf } from './actor.ts'
import type { RequestContext } from './handler.ts'
import type { BrokerServices } from './services.ts'

/**
 * Part of a request asks for an operation in a form that no command can be made of, such as the same
 * thing twice: an attempt all the same. The history counts those of a kind in one record a minute.
 */
export function observeMalformed(
  operation: Command['kind'],
  context: RequestContext,
  { control }: BrokerServices,
): void {
  control.observe({
    operation,
    actor: actorOf(context),
    resource: { kind: 'attempts', name: operation, id: null },
    decision: { allowed: true, rule: 'not-decided' },
    outcome: {
      code: 'INVALID_REQUEST',
      message: 'The request is not of the form that it must have.',
    },
  })
}
