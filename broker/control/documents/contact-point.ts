import type { Json, JsonObject } from '../../../audit/index.ts'
import type { SecretReference } from '../identities.ts'
import type { Members, Shape } from './document-shape.ts'
import {
  anyText,
  boolean,
  documentFault,
  duration,
  isList,
  isObject,
  listOf,
  mapOf,
  matching,
  numberFrom,
  objectOf,
  oneOf,
  text,
} from './document-shape.ts'

/**
 * Everything that one name of the routing tree stands for. The settings are those of a receiver in
 * Alertmanager's terms; where a secret belongs they have a name (`auth_password_secret: smtp`), and
 * the secret itself lies in `__secrets`.
 */
export interface ContactPoint {
  readonly name: string
  readonly settings: JsonObject
  /** By the name that the settings call it. */
  readonly secrets: Readonly<Record<string, SecretReference>>
}

export const MAX_CONTACT_POINTS = 200
export const MAX_CONTACT_SECRETS = 64
export const MAX_CONTACT_SECRET_BYTES = 16 * 1024
export const CONTACT_SECRET_NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/

const MAX_SETTINGS_BYTES = 32 * 1024
const MAX_INTEGRATIONS = 64
const SECRET_SUFFIX = '_secret'

const secretName = matching(CONTACT_SECRET_NAME, 'the name of a secret')

/**
 * Neither files nor variables of the monitor's machine can be named: whoever may write over HTTP could
 * have them read and sent anywhere (the class of CVE-2025-27817).
 */
const tls = objectOf({ server_name: text(256), insecure_skip_verify: boolean })

const http = objectOf({
  basic_auth: objectOf({ username: text(256), password_secret: secretName }, [
    'username',
    'password_secret',
  ]),
  authorization: objectOf({ type: text(64), credentials_secret: secretName }, [
    'credentials_secret',
  ]),
  tls_config: tls,
})

const url: Shape = (value, path) => {
  const fault = text(2_048)(value, path)
  if (fault !== null) return fault
  const parsed = URL.parse(String(value).replace(/\$\{\w+\}/g, 'x'))
  if (!parsed || !/^https?:$/.test(parsed.protocol)) return `${path} must be an address of a server`
  const hasPassword = parsed.username !== '' || parsed.password !== ''
  return hasPassword ? `${path} must not have a password in it: use http_config.basic_auth` : null
}

const delivery: Members = { send_resolved: boolean, timeout: duration }
const address: Members = { url, url_secret: secretName, http_config: http }

const email = objectOf({
  ...delivery,
  to: text(4_096),
  to_secret: secretName,
  from: text(320),
  smarthost: matching(/^(\[[^\]]+\]|[^:\s]+):\d{1,5}$/, 'HOST:PORT'),
  hello: text(256),
  auth_username: text(320),
  auth_password_secret: secretName,
  require_tls: boolean,
  tls_config: tls,
  headers: mapOf(anyText(4_096), /^[A-Za-z][A-Za-z0-9-]*$/),
  html: anyText(),
  text: anyText(),
})

const webhook = objectOf({
  ...delivery,
  ...address,
  signing_secret_secret: secretName,
  max_alerts: numberFrom(0, 1_000_000),
})

const slack = objectOf(
  {
    ...delivery,
    http_config: http,
    api_url_secret: secretName,
    channel: text(256),
    username: text(256),
    icon_emoji: text(256),
    title: anyText(),
    text: anyText(),
  },
  ['api_url_secret'],
)

const pagerduty = objectOf(
  {
    ...delivery,
    ...address,
    routing_key_secret: secretName,
    description: anyText(),
    severity: anyText(),
    component: anyText(),
    group: anyText(),
    class: anyText(),
  },
  ['routing_key_secret'],
)

/** Headers that carry what lets somebody in. Their values must come from secrets. */
const SECRET_HEADER = /auth|cookie|token|secret|password|key/i

const headers: Shape = (value, path) => {
  const fault = mapOf(anyText(4_096), /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/)(value, path)
  if (fault !== null || !isObject(value)) return fault
  const open = Object.entries(value).find(
    ([name, content]) => SECRET_HEADER.test(name) && !/\$\{\w+\}/.test(String(content)),
  )
  return open ? `${path}.${open[0]} must come from secrets, by their names in braces` : null
}

const generic = objectOf(
  {
    ...delivery,
    ...address,
    method: oneOf('POST', 'PUT', 'PATCH'),
    headers,
    content_type: text(256),
    body: text(),
    secrets: mapOf(objectOf({ secret: secretName }, ['secret']), /^\w+$/),
  },
  ['body'],
)

const settings = objectOf({
  email_configs: listOf(email, MAX_INTEGRATIONS),
  webhook_configs: listOf(webhook, MAX_INTEGRATIONS),
  slack_configs: listOf(slack, MAX_INTEGRATIONS),
  pagerduty_configs: listOf(pagerduty, MAX_INTEGRATIONS),
  http_configs: listOf(generic, MAX_INTEGRATIONS),
})

/** Of which each needs exactly one. */
const EITHER: Readonly<Record<string, readonly string[]>> = {
  email_configs: ['to', 'to_secret'],
  webhook_configs: ['url', 'url_secret'],
  http_configs: ['url', 'url_secret'],
}

/** Of those who send mail, because there is nothing that all of them take over. */
const NEEDED_BY_EMAIL = ['from', 'smarthost'] as const

/** What is wrong with the settings of a contact point, or null. */
export function contactSettingsFault(given: JsonObject): string | null {
  const fault = documentFault(given, MAX_SETTINGS_BYTES, 'a contact point') ?? settings(given, '')
  if (fault !== null) return fault
  for (const [kind, configs] of Object.entries(given)) {
    for (const [index, config] of (isList(configs) ? configs : []).entries()) {
      if (!isObject(config)) continue
      const unfit = configFault(kind, config, `${kind}[${index}]`)
      if (unfit !== null) return unfit
    }
  }
  const count = secretNamesIn(given).size
  return count > MAX_CONTACT_SECRETS ? `more than ${MAX_CONTACT_SECRETS} secrets` : null
}

function configFault(kind: string, config: JsonObject, path: string): string | null {
  const either = EITHER[kind]
  if (either && either.filter((name) => config[name] !== undefined).length !== 1) {
    return `${path} needs one of ${either.join(' and ')}`
  }
  if (config.url !== undefined && config.url_secret !== undefined) {
    return `${path} has both url and url_secret`
  }
  if (kind !== 'email_configs') return null
  const missing = NEEDED_BY_EMAIL.find((name) => config[name] === undefined)
  if (missing !== undefined) return `${path} needs ${missing}`
  const hasUser = config.auth_username !== undefined
  const hasPassword = config.auth_password_secret !== undefined
  return hasUser === hasPassword
    ? null
    : `${path}: auth_username and auth_password_secret need each other`
}

/** Names of the secrets that settings refer to. */
export function secretNamesIn(value: Json): ReadonlySet<string> {
  const names = new Set<string>()
  collectNames(value, names)
  return names
}

function collectNames(value: Json, names: Set<string>): void {
  if (isList(value)) for (const item of value) collectNames(item, names)
  if (!isObject(value)) return
  for (const [key, member] of Object.entries(value)) {
    // Names of headers are somebody else's.
    if (key === 'headers') continue
    const isReference = key === 'secret' || key.endsWith(SECRET_SUFFIX)
    if (isReference && typeof member === 'string') names.add(member)
    else if (member !== undefined) collectNames(member, names)
  }
}
