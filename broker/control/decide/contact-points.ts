import type { Resource } from '../../../audit/index.ts'
import type { DeleteContactPoint, PutContactPoint } from '../commands.ts'
import type { ContactPoint } from '../documents/contact-point.ts'
import {
  CONTACT_SECRET_NAME,
  contactSettingsFault,
  MAX_CONTACT_POINTS,
  MAX_CONTACT_SECRET_BYTES,
  secretNamesIn,
} from '../documents/contact-point.ts'
import { CONSOLE_RECEIVER, receiversIn } from '../documents/notification-policy.ts'
import type { FoldedState } from '../fold/folded-state.ts'
import { resourceToJson } from '../fold/resource-json.ts'
import type { SecretReference } from '../identities.ts'
import type { Decision, DecisionContext, SecretChange } from './decision.ts'
import { refuse } from './decision.ts'
import { nameFault } from './resource-name.ts'

function contactResource(name: string): Resource {
  return { kind: 'contact-point', name, id: null }
}

/**
 * Replaces the settings as a whole, or adds the contact point. A secret that the settings name and that is
 * not given stays what it was; one that they name no more is erased.
 */
export function decidePutContactPoint(
  { tables }: FoldedState,
  command: PutContactPoint,
  context: DecisionContext,
): Decision<PutContactPoint> {
  const { name, settings } = command
  const resource = contactResource(name)
  const before = tables.contactPoints.get(name) ?? null
  const fault =
    nameFault('name of a contact point', name) ??
    (name === CONSOLE_RECEIVER ? `${name} exists without a record.` : null) ??
    contactSettingsFault(settings) ??
    secretsFault(command, before)
  if (fault !== null) return refuse('INVALID_CONFIG', fault, resource)
  if (before === null && tables.contactPoints.size >= MAX_CONTACT_POINTS) {
    return refuse('POLICY_VIOLATION', `There are ${MAX_CONTACT_POINTS} contact points.`, resource)
  }
  const { secrets, changes } = keepSecrets(command, before, context)
  const after: ContactPoint = { name, settings, secrets }
  const isErasing = changes.some(({ op }) => op === 'erase')
  return {
    error: 'NONE',
    resource,
    before: before && resourceToJson(before),
    after: resourceToJson(after),
    // What was erased does not come back.
    reversal: isErasing ? 'side-effects' : 'full',
    result: after,
    secrets: changes,
  }
}

export function decideDeleteContactPoint(
  state: FoldedState,
  { name }: DeleteContactPoint,
): Decision<DeleteContactPoint> {
  const resource = contactResource(name)
  const before = state.tables.contactPoints.get(name)
  if (!before) return refuse('RESOURCE_NOT_FOUND', `There is no contact point ${name}.`, resource)
  const policy = state.notificationPolicy
  if (policy && receiversIn(policy).has(name)) {
    const message = `The notification policy tells ${name}; change that first.`
    return refuse('POLICY_VIOLATION', message, resource)
  }
  const references = Object.values(before.secrets)
  return {
    error: 'NONE',
    resource,
    before: resourceToJson(before),
    after: null,
    reversal: references.length > 0 ? 'side-effects' : 'full',
    result: null,
    secrets: references.map(eraseOf),
  }
}

/** The names in the settings, and those that are given or kept, must be the same. */
function secretsFault(
  { settings, secrets: given = {} }: PutContactPoint,
  before: ContactPoint | null,
): string | null {
  const named = secretNamesIn(settings)
  for (const [name, value] of Object.entries(given)) {
    if (!CONTACT_SECRET_NAME.test(name)) return 'secrets has a name that is none'
    if (!named.has(name)) return `secrets.${name} is a secret that the settings do not name`
    const isGood = value !== '' && Buffer.byteLength(value) <= MAX_CONTACT_SECRET_BYTES
    if (!isGood) return `secrets.${name} must have 1 to ${MAX_CONTACT_SECRET_BYTES} bytes`
  }
  const isThere = (name: string): boolean =>
    Object.hasOwn(given, name) || Object.hasOwn(before?.secrets ?? {}, name)
  const missing = [...named].find((name) => !isThere(name))
  return missing === undefined ? null : `secrets needs ${missing}, which the settings name`
}

function keepSecrets(
  { settings, secrets: given = {} }: PutContactPoint,
  before: ContactPoint | null,
  context: DecisionContext,
): {
  readonly secrets: ContactPoint['secrets']
  readonly changes: readonly SecretChange[]
} {
  const changes: SecretChange[] = []
  const secrets: Record<string, SecretReference> = {}
  const had = new Map(Object.entries(before?.secrets ?? {}))
  for (const name of [...secretNamesIn(settings)].sort()) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined
    const kept = had.get(name)
    if (value === undefined && kept) {
      secrets[name] = kept
      had.delete(name)
      continue
    }
    const { reference, change } = context.newSecret(Buffer.from(value ?? ''))
    secrets[name] = reference
    changes.push(change)
  }
  return { secrets, changes: [...changes, ...[...had.values()].map(eraseOf)] }
}

function eraseOf({ secretId }: SecretReference): SecretChange {
  return { op: 'erase', secretId }
}
