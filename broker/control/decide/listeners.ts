import type { Resource } from '../../../audit/index.ts'
import type { AlterListener } from '../commands.ts'
import type { FoldedState } from '../fold/folded-state.ts'
import { resourceToJson } from '../fold/resource-json.ts'
import type { ListenerOverride, ListenerSettings } from '../listeners.ts'
import type { Decision, DecisionContext } from './decision.ts'
import { refuse, refuseFaults } from './decision.ts'

const NAME = /^[A-Za-z0-9_-]{1,100}$/
const HOST = /^[A-Za-z0-9.:%_-]{1,255}$/

/**
 * What the listeners would be, were the command done. Files, addresses of key servers and mechanisms
 * are not asked for: those are of the configuration that the process was started with, so that
 * nobody who may change a listener makes the broker read what he likes.
 */
export function decideAlterListener(
  state: FoldedState,
  command: AlterListener,
  context: DecisionContext,
): Decision<AlterListener> {
  const { name, change } = command
  const resource: Resource = { kind: 'listener', name, id: null }
  if (!NAME.test(name)) {
    return refuse('INVALID_REQUEST', 'A listener has a name of letters, digits, _ and -.', resource)
  }
  const fault = change.to === 'settings' ? addressFault(change) : null
  if (fault !== null) return refuse('INVALID_REQUEST', fault, resource)
  const present = new Map(state.tables.listeners.entries())
  const before = context.planListeners(present)
  if (change.to === 'removed' && !before.listeners.has(name)) {
    return refuse('RESOURCE_NOT_FOUND', `There is no listener ${name}.`, resource)
  }
  const override = overrideOf(command, before.configured)
  const wanted = new Map(present)
  if (override) wanted.set(name, override)
  else wanted.delete(name)
  const after = context.planListeners(wanted)
  if (after.faults.length > 0) return refuseFaults(after.faults, resource)
  if (after.listeners.size === 0) {
    return refuse('POLICY_VIOLATION', `${name} is the last listener.`, resource)
  }
  if (name === context.listener && !isSame(before.listeners.get(name), after.listeners.get(name))) {
    const message = `You came by ${name}: nobody closes the door that they stand in. Use another one.`
    return refuse('POLICY_VIOLATION', message, resource)
  }
  const current = present.get(name)
  return {
    error: 'NONE',
    resource,
    before: current ? resourceToJson(current) : null,
    isThere: before.listeners.has(name),
    after: override && resourceToJson(override),
    reversal: 'full',
    result: after.listeners.get(name) ?? null,
  }
}

function addressFault({ host, port, advertised }: Omit<ListenerSettings, 'name'>): string | null {
  for (const endpoint of [{ host, port }, ...(advertised ? [advertised] : [])]) {
    if (!HOST.test(endpoint.host)) return 'A host is a name or an address.'
    if (!Number.isInteger(endpoint.port) || endpoint.port < 0 || endpoint.port > 65_535) {
      return 'A port is a number from 0 to 65535.'
    }
  }
  return null
}

/** Null when nothing is set of the listener any more. */
function overrideOf(
  { name, change }: AlterListener,
  configured: ReadonlySet<string>,
): ListenerOverride | null {
  switch (change.to) {
    case 'configured':
      return null
    case 'removed':
      return configured.has(name) ? { name, isRemoved: true } : null
    case 'settings': {
      const { host, port, advertised, protocol } = change
      return { name, host, port, advertised, protocol, isRemoved: false }
    }
  }
}

/** Whether who is connected could stay: what clients are told may be another. */
function isSame(one: ListenerSettings | undefined, other: ListenerSettings | undefined): boolean {
  return one?.host === other?.host && one?.port === other?.port && one?.protocol === other?.protocol
}
