import type {
  Address,
  EmailIntegration,
  HttpIntegration,
  HttpSettings,
  Integration,
  PagerdutyIntegration,
  Receiver,
  SlackIntegration,
  TlsSettings,
  WebhookIntegration,
} from './config.ts'
import {
  checkUrl,
  DEFAULT_TLS,
  isHost,
  readAddress,
  readHttp,
  readOwnHttp,
  readReference,
  readSecret,
  readSecretAddress,
  readTls,
} from './parse-http.ts'
import type { MapReader } from './yaml-reader.ts'
import { shown } from './yaml-reader.ts'

/** What receivers take over where they say nothing themselves. */
export interface ReceiverDefaults {
  readonly smarthost: string | null
  readonly from: string | null
  readonly hello: string | null
  readonly auth: EmailIntegration['auth']
  readonly requireTls: boolean
  readonly tls: TlsSettings
  readonly http: HttpSettings
  readonly slackUrl: Address | null
  readonly pagerdutyUrl: Address
  /** Why a template cannot be used, or null. */
  readonly checkTemplate: (template: string) => string | null
}

const DEFAULT_TIMEOUT_MS = 10_000
const PAGERDUTY_URL = 'https://events.pagerduty.com/v2/enqueue'

/** `global` of Alertmanager's configuration, as far as it concerns receivers. */
export function readReceiverDefaults(
  map: MapReader | null,
  checkTemplate: ReceiverDefaults['checkTemplate'],
): ReceiverDefaults {
  const pagerduty = map?.text('pagerduty_url') ?? PAGERDUTY_URL
  if (map) checkUrl(map, 'pagerduty_url', pagerduty)
  return {
    smarthost: map?.text('smtp_smarthost') ?? null,
    from: map?.text('smtp_from') ?? null,
    hello: map?.text('smtp_hello') ?? null,
    auth: map && readSmtpAuth(map, 'smtp_auth_username', 'smtp_auth_password'),
    requireTls: map?.boolean('smtp_require_tls', true) ?? true,
    tls: map?.map('smtp_tls_config', readTls) ?? DEFAULT_TLS,
    http: map?.map('http_config', (http) => readHttp(http, null)) ?? readHttp(null, null),
    slackUrl: map && readSecretAddress(map, 'slack_api_url'),
    pagerdutyUrl: { kind: 'plain', url: pagerduty },
    checkTemplate,
  }
}

export function readReceiver(map: MapReader, defaults: ReceiverDefaults): Receiver {
  const name = map.requiredText('name')
  const each = <T extends Integration>(
    key: string,
    read: (map: MapReader, defaults: ReceiverDefaults) => T,
  ): Integration[] => map.maps(key, (one) => read(one, defaults))
  return {
    name,
    integrations: [
      ...each('email_configs', readEmail),
      ...each('webhook_configs', readWebhook),
      ...each('slack_configs', readSlack),
      ...each('pagerduty_configs', readPagerduty),
      ...each('http_configs', readGeneric),
    ],
  }
}

function readEmail(map: MapReader, defaults: ReceiverDefaults): EmailIntegration {
  // Of what is kept elsewhere alone: there the addresses have been put in place of their name.
  const toSecret = map.secretsOf === null ? null : map.text('to_secret')
  const to = readRecipients(map, toSecret)
  const from = map.text('from') ?? defaults.from ?? ''
  if (from === '') map.fault(null, 'needs from, or smtp_from in global')
  const headers = map.record('headers')
  for (const [name, template] of Object.entries(headers)) {
    if (!/^[A-Za-z][A-Za-z0-9-]*$/.test(name)) map.fault('headers', `not a header: ${shown(name)}`)
    checkTemplate(map, 'headers', template, defaults)
  }
  return {
    kind: 'email',
    to,
    toSecret,
    from,
    smarthost: readSmarthost(map, defaults),
    hello: map.text('hello') ?? defaults.hello,
    auth: readSmtpAuth(map, 'auth_username', 'auth_password') ?? defaults.auth,
    requireTls: map.boolean('require_tls', defaults.requireTls),
    tls: map.has('tls_config') ? map.map('tls_config', readTls) : defaults.tls,
    headers,
    html: template(map, 'html', defaults),
    text: template(map, 'text', defaults),
    // Whoever was woken wants to know that it is over; Alertmanager leaves that off.
    ...readDelivery(map, true),
  }
}

function readRecipients(map: MapReader, secret: string | null): string[] {
  const to = map
    .requiredText('to')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
  for (const one of to) {
    if (!/^[^@]*[^\s@<]@[^\s@]+$/.test(one))
      map.fault('to', `not an address: ${secret === null ? shown(one) : `in $${secret}`}`)
  }
  return to
}

function readSmarthost(map: MapReader, defaults: ReceiverDefaults): EmailIntegration['smarthost'] {
  const text = map.text('smarthost') ?? defaults.smarthost
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text ?? '') ?? []
  const host = bracketed ?? plain
  const port = Number(digits)
  if (text === null) map.fault(null, 'needs smarthost, or smtp_smarthost in global')
  else if (host === undefined || !isHost(host) || port < 1 || port > 65_535)
    map.fault('smarthost', `not HOST:PORT: ${shown(text)}`)
  return { host: host ?? '', port }
}

function readSmtpAuth(
  map: MapReader,
  username: string,
  password: string,
): EmailIntegration['auth'] {
  const name = map.text(username)
  const secret = readSecret(map, password)
  if (name === null && secret === null) return null
  if (name !== null && secret !== null) return { username: name, password: secret }
  map.fault(name === null ? null : username, `${username} and ${password} need each other`)
  return null
}

function readWebhook(map: MapReader, defaults: ReceiverDefaults): WebhookIntegration {
  return { ...readWebhookBase(map, defaults), ...readDelivery(map, true) }
}

/** Where tickets are told of as they change; the same keys as those of a webhook. */
export function readMirror(map: MapReader, defaults: ReceiverDefaults): WebhookIntegration {
  return readWebhook(map, defaults)
}

function readWebhookBase(map: MapReader, defaults: ReceiverDefaults) {
  return {
    kind: 'webhook' as const,
    url: readAddress(map, null),
    http: readOwnHttp(map, defaults.http),
    signingSecret: readSecret(map, 'signing_secret'),
    maxAlerts: map.number('max_alerts', 0, 0, 1_000_000),
  }
}

function readSlack(map: MapReader, defaults: ReceiverDefaults): SlackIntegration {
  const url = readSecretAddress(map, 'api_url') ?? defaults.slackUrl
  if (url === null)
    map.fault(null, 'needs api_url_file or api_url_env, or slack_api_url_file in global')
  return {
    kind: 'slack',
    url: url ?? { kind: 'plain', url: '' },
    http: readOwnHttp(map, defaults.http),
    channel: map.text('channel'),
    username: map.text('username'),
    iconEmoji: map.text('icon_emoji'),
    title: template(map, 'title', defaults),
    text: template(map, 'text', defaults),
    ...readDelivery(map, true),
  }
}

function readPagerduty(map: MapReader, defaults: ReceiverDefaults): PagerdutyIntegration {
  const routingKey = readSecret(map, 'routing_key')
  if (routingKey === null) map.fault(null, 'needs routing_key_file or routing_key_env')
  return {
    kind: 'pagerduty',
    url: readAddress(map, defaults.pagerdutyUrl),
    http: readOwnHttp(map, defaults.http),
    routingKey: routingKey ?? { kind: 'environment', name: '' },
    description: template(map, 'description', defaults),
    severity: template(map, 'severity', defaults),
    component: template(map, 'component', defaults),
    group: template(map, 'group', defaults),
    class: template(map, 'class', defaults),
    ...readDelivery(map, true),
  }
}

function readGeneric(map: MapReader, defaults: ReceiverDefaults): HttpIntegration {
  const secrets = map.map('secrets', (named) =>
    Object.fromEntries(
      (named?.keys() ?? []).flatMap((name) => {
        const reference = named?.map(name, (one) => one && readReference(one, '')) ?? null
        if (reference === null) named?.fault(name, 'needs file or env')
        return reference === null ? [] : [[name, reference] as const]
      }),
    ),
  )
  const body = map.requiredText('body')
  checkTemplate(map, 'body', body, defaults)
  const headers = map.record('headers')
  for (const [key, text] of [
    ['url', map.text('url') ?? ''],
    ['body', body],
    ...Object.entries(headers).map(([, value]) => ['headers', value] as const),
  ] as const) {
    for (const name of secretNames(text)) {
      if (!Object.hasOwn(secrets, name)) map.fault(key, `there is no secret ${shown(name)}`)
    }
  }
  return {
    kind: 'http',
    url: readAddress(map, null),
    http: readOwnHttp(map, defaults.http),
    method: map.oneOf('method', ['POST', 'PUT', 'PATCH'], 'POST'),
    headers,
    contentType: map.text('content_type') ?? 'application/json',
    body,
    secrets,
    ...readDelivery(map, true),
  }
}

/** Names in `${name}`, which stand for secrets. */
export function secretNames(text: string): string[] {
  return [...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name ?? '')
}

function readDelivery(map: MapReader, sendResolved: boolean) {
  return {
    sendResolved: map.boolean('send_resolved', sendResolved),
    timeoutMs: map.durationMs('timeout', DEFAULT_TIMEOUT_MS, 1),
  }
}

function template(map: MapReader, name: string, defaults: ReceiverDefaults): string | null {
  const text = map.text(name)
  if (text !== null) checkTemplate(map, name, text, defaults)
  return text
}

function checkTemplate(
  map: MapReader,
  name: string,
  text: string,
  defaults: ReceiverDefaults,
): void {
  const fault = defaults.checkTemplate(text)
  if (fault !== null) map.fault(name, fault)
}
