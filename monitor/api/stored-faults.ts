import type { ConfigFault, StoredAlerting } from '../../alerting/index.ts'
import {
  AlertingConfigError,
  DEFAULT_CONFIG_YAML,
  parseAlertingConfig,
  withStored,
} from '../../alerting/index.ts'
import { notificationTemplateFault } from '../rules/index.ts'

/** In place of a mail address that was given before, and that only the broker has. */
const KEPT_ADDRESS = 'kept@glasslog.invalid'

/** What is wrong with a contact point that is about to be kept: one that the monitor cannot use would reach nobody. */
export function contactPointFaults(name: string, body: unknown): readonly ConfigFault[] {
  const { settings, secrets } = membersOf(body)
  const kept = Object.fromEntries(textsAt('to_secret', settings).map((one) => [one, KEPT_ADDRESS]))
  const point = {
    name,
    settings: membersOf(settings),
    secrets: { ...kept, ...(membersOf(secrets) as Record<string, string>) },
  }
  return faultsOf({ contactPoints: [point], policy: null })
}

/** The same of a notification policy; whether its receivers are there is for the broker to say. */
export function policyFaults(body: unknown): readonly ConfigFault[] {
  const names = new Set(textsAt('receiver', body))
  const contactPoints = [...names].map((name) => ({ name, settings: {}, secrets: {} }))
  return faultsOf({ contactPoints, policy: membersOf(membersOf(body).policy) })
}

function faultsOf(stored: StoredAlerting): readonly ConfigFault[] {
  try {
    withStored(parseAlertingConfig(DEFAULT_CONFIG_YAML), stored, notificationTemplateFault)
    return []
  } catch (error) {
    if (error instanceof AlertingConfigError) return error.faults
    throw error
  }
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

/** Texts of all members of that name, however deep. */
function textsAt(name: string, value: unknown): string[] {
  const found: string[] = []
  JSON.stringify(value, (key, member: unknown) => {
    if (key === name && typeof member === 'string') found.push(member)
    return member
  })
  return found
}
