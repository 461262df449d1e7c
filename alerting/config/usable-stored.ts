import type { AlertingConfig } from './config.ts'
import type { StoredAlerting, StoredContactPoint } from './stored-config.ts'
import { withStored } from './stored-config.ts'
import type { ConfigFault } from './yaml-reader.ts'
import { AlertingConfigError } from './yaml-reader.ts'

/** What is in force of what is kept elsewhere, and what is wrong with the rest. */
export interface UsableStored {
  readonly stored: StoredAlerting
  readonly faults: readonly ConfigFault[]
}

type CheckTemplate = (template: string) => string | null

/**
 * Leaves out nothing but what is wrong: a contact point with faults stays as it was `before`, and one that is new has its
 * name and reaches nobody, so that routes to it stand; a policy with faults leaves the one before in force.
 */
export function usableStored(
  base: AlertingConfig,
  asked: StoredAlerting,
  before: StoredAlerting,
  checkTemplate: CheckTemplate = () => null,
): UsableStored {
  const faults: ConfigFault[] = []
  const isUsable = (stored: StoredAlerting): boolean => {
    const found = faultsOf(base, stored, checkTemplate)
    faults.push(...found)
    return found.length === 0
  }
  const contactPoints = asked.contactPoints.flatMap((point) => {
    if (isUsable({ contactPoints: [point], policy: null })) return point
    const kept = before.contactPoints.find(({ name }) => name === point.name)
    if (kept !== undefined) return kept
    // One of the file by that name is still better than none.
    return asked.policy === null && base.receivers.has(point.name) ? [] : nameAlone(point)
  })
  if (isUsable({ contactPoints, policy: asked.policy }))
    return { stored: { contactPoints, policy: asked.policy }, faults }
  const kept = { contactPoints, policy: before.policy }
  const isStillGood = faultsOf(base, kept, checkTemplate).length === 0
  return { stored: isStillGood ? kept : { contactPoints, policy: null }, faults }
}

function nameAlone({ name }: StoredContactPoint): StoredContactPoint {
  return { name, settings: {}, secrets: {} }
}

function faultsOf(
  base: AlertingConfig,
  stored: StoredAlerting,
  checkTemplate: CheckTemplate,
): readonly ConfigFault[] {
  try {
    withStored(base, stored, checkTemplate)
    return []
  } catch (error) {
    if (error instanceof AlertingConfigError) return error.faults
    throw error
  }
}
