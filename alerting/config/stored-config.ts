import type { AlertingConfig, Receiver } from './config.ts'
import { parseAlertingConfig } from './parse-config.ts'
import { readReceiver, readReceiverDefaults } from './parse-receivers.ts'
import type { ConfigFault } from './yaml-reader.ts'
import { AlertingConfigError, YamlReader } from './yaml-reader.ts'

/** A contact point that is kept elsewhere: a receiver without its name, whose secrets have names (`url_secret: hook`). */
export interface StoredContactPoint {
  readonly name: string
  readonly settings: object
  /** What mail addresses and the like are taken from; passwords are read at each use instead. */
  readonly secrets: Readonly<Record<string, string>>
}

/** Contact points and routes that are kept elsewhere, in the terms of the configuration's own file. */
export interface StoredAlerting {
  readonly contactPoints: readonly StoredContactPoint[]
  /** `{resolve_timeout?, route, inhibit_rules?, time_intervals?, severities?}`; null leaves the routes of the file in force. */
  readonly policy: Readonly<Record<string, unknown>> | null
}

type CheckTemplate = (template: string) => string | null

/** Receiver of alerts that are shown and told to nobody: it is there in any case. */
const NOBODY = 'console'

/**
 * Puts what is kept elsewhere over the configuration of the file. Contact points take the place of those of the file
 * with the same name; a policy takes the place of all routes, inhibition and time intervals, and its receivers are those
 * that are kept with it. Tickets and other Alertmanagers stay those of the file.
 * @throws AlertingConfigError with everything that is wrong; the paths begin with the name of the contact point, or `policy`
 */
export function withStored(
  base: AlertingConfig,
  { contactPoints, policy }: StoredAlerting,
  checkTemplate: CheckTemplate = () => null,
): AlertingConfig {
  const faults: ConfigFault[] = []
  const stored = new Map<string, Receiver>()
  for (const point of contactPoints) {
    const receiver = readStored(point, checkTemplate, faults)
    if (receiver !== null) stored.set(point.name, receiver)
  }
  const routes = policy === null ? null : readPolicy(policy, contactPoints, faults)
  if (faults.length > 0) throw new AlertingConfigError(faults)
  if (routes === null) return { ...base, receivers: new Map([...base.receivers, ...stored]) }
  const nobody = { name: NOBODY, integrations: [] }
  return {
    ...routes,
    receivers: new Map([[NOBODY, nobody], ...stored]),
    tickets: base.tickets,
    alertmanagers: base.alertmanagers,
  }
}

function readStored(
  { name, settings, secrets }: StoredContactPoint,
  checkTemplate: CheckTemplate,
  faults: ConfigFault[],
): Receiver | null {
  const text = JSON.stringify({ ...settings, name }, (key, value: unknown) =>
    key === 'email_configs' ? withAddresses(value, secrets) : value,
  )
  const reader = new YamlReader(text, name)
  const root = reader.root()
  const receiver = root && readReceiver(root, readReceiverDefaults(null, checkTemplate))
  root?.finish()
  faults.push(...reader.faults.map((fault) => ({ ...fault, path: `${name}: ${fault.path}` })))
  return receiver
}

/** Mail addresses of people may be kept apart, so that they can be erased: `to_secret`. */
function withAddresses(value: unknown, secrets: Readonly<Record<string, string>>): unknown {
  if (!Array.isArray(value)) return value
  return value.map((one: unknown) => {
    if (typeof one !== 'object' || one === null || !('to_secret' in one)) return one
    return { ...one, to: secrets[String(one.to_secret)] ?? '' }
  })
}

function readPolicy(
  policy: Readonly<Record<string, unknown>>,
  contactPoints: readonly StoredContactPoint[],
  faults: ConfigFault[],
): AlertingConfig | null {
  const { resolve_timeout: resolveTimeout, ...rest } = policy
  const names = new Set([NOBODY, ...contactPoints.map(({ name }) => name)])
  const document = {
    ...rest,
    ...(resolveTimeout === undefined ? {} : { global: { resolve_timeout: resolveTimeout } }),
    receivers: [...names].map((name) => ({ name })),
  }
  try {
    return parseAlertingConfig(JSON.stringify(document))
  } catch (error) {
    if (!(error instanceof AlertingConfigError)) throw error
    faults.push(...error.faults.map((fault) => ({ ...fault, path: `policy: ${fault.path}` })))
    return null
  }
}
