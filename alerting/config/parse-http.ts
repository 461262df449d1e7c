import type {
  Address,
  Authorization,
  HttpSettings,
  SecretReference,
  TlsSettings,
} from './config.ts'
import type { MapReader } from './yaml-reader.ts'

export const DEFAULT_TLS: TlsSettings = { caFile: null, serverName: null, verify: true }

/** Letters, digits, dots and hyphens, or an address. */
export function isHost(host: string): boolean {
  return (
    /^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?$/.test(host) || /^[0-9a-fA-F:.]+$/.test(host)
  )
}

/** `http_config` of its own, or that of all. */
export function readOwnHttp(map: MapReader, inherited: HttpSettings): HttpSettings {
  return map.has('http_config')
    ? map.map('http_config', (http) => readHttp(http, inherited))
    : inherited
}

export function readAddress(map: MapReader, otherwise: Address | null): Address {
  const secret = readReference(map, 'url_')
  const url = map.text('url')
  if (secret !== null && url !== null) map.fault('url', 'is given twice')
  if (secret !== null) return { kind: 'secret', secret }
  if (url === null) {
    if (otherwise !== null) return otherwise
    map.fault(null, 'needs url, url_file or url_env')
    return { kind: 'plain', url: '' }
  }
  checkUrl(map, 'url', url)
  return { kind: 'plain', url }
}

/** An address that is as good as a password, as those of Slack are. */
export function readSecretAddress(map: MapReader, name: string): Address | null {
  const secret = readSecret(map, name)
  return secret && { kind: 'secret', secret }
}

/** A fault shows no more than the server: paths and queries may be secret. */
export function checkUrl(map: MapReader, name: string, text: string): void {
  const url = URL.parse(text.replace(/\$\{\w+\}/g, 'x'))
  if (
    url === null ||
    !/^https?:$/.test(url.protocol) ||
    !isHost(url.hostname.replace(/[[\]]/g, ''))
  )
    map.fault(
      name,
      `not an address of a server${url === null ? '' : `: ${url.protocol}//${url.host}`}`,
    )
  else if (url.username !== '' || url.password !== '')
    map.fault(name, 'must not contain a password: use http_config.basic_auth')
}

export function readHttp(map: MapReader | null, defaults: HttpSettings | null): HttpSettings {
  if (map === null) return defaults ?? { authorization: null, tls: DEFAULT_TLS }
  const basic = map.has('basic_auth') ? map.map('basic_auth', readBasic) : null
  const bearer = map.has('authorization') ? map.map('authorization', readBearer) : null
  if (basic && bearer) map.fault('authorization', 'basic_auth is there already')
  return {
    authorization: basic ?? bearer ?? defaults?.authorization ?? null,
    tls: map.has('tls_config') ? map.map('tls_config', readTls) : (defaults?.tls ?? DEFAULT_TLS),
  }
}

function readBasic(map: MapReader | null): Authorization | null {
  if (map === null) return null
  const username = map.requiredText('username')
  const password = readSecret(map, 'password')
  if (password === null) map.fault(null, 'needs password_file or password_env')
  return password && { kind: 'basic', username, password }
}

function readBearer(map: MapReader | null): Authorization | null {
  if (map === null) return null
  const scheme = map.text('type') ?? 'Bearer'
  const credentials = readSecret(map, 'credentials')
  if (credentials === null) map.fault(null, 'needs credentials_file or credentials_env')
  return credentials && { kind: 'bearer', scheme, credentials }
}

export function readTls(map: MapReader | null): TlsSettings {
  if (map === null) return DEFAULT_TLS
  return {
    caFile: map.secretsOf === null ? map.text('ca_file') : null,
    serverName: map.text('server_name'),
    verify: !map.boolean('insecure_skip_verify', false),
  }
}

/** `<name>_file` or `<name>_env`; a secret that is written into the configuration itself is refused. */
export function readSecret(map: MapReader, name: string): SecretReference | null {
  if (map.has(name))
    map.fault(name, `a secret does not belong here: use ${name}_file or ${name}_env`)
  return readReference(map, `${name}_`)
}

export function readReference(map: MapReader, prefix: string): SecretReference | null {
  if (map.secretsOf !== null) {
    // Neither files nor variables of this machine: whoever writes over HTTP must not have them read and sent.
    const stored = map.text(`${prefix}secret`)
    return stored === null ? null : { kind: 'stored', contactPoint: map.secretsOf, name: stored }
  }
  const [file, environment] = [`${prefix}file`, `${prefix}env`]
  const path = map.text(file)
  const name = map.text(environment)
  if (path !== null && name !== null) map.fault(environment, `is given by ${file} already`)
  if (path !== null) return { kind: 'file', path }
  if (name === null) return null
  if (!/^[A-Za-z_]\w*$/.test(name)) map.fault(environment, 'not the name of a variable')
  return { kind: 'environment', name }
}
