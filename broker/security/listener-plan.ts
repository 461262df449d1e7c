import type { ConfigFault } from '../../kit/index.ts'
import { ConfigError } from '../../kit/index.ts'
import type { BrokerConfig, BrokerConfigValues, ListenerOverrides } from '../control/index.ts'
import type { SecurityProtocol } from './security-protocol.ts'
import { SECURITY_PROTOCOLS, usesSasl, usesTls } from './security-protocol.ts'
import { parsePrincipalRules } from './tls/principal-mapper.ts'

export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** A listener as the configuration wants it, before anything is opened. */
export interface ListenerPlan {
  readonly name: string
  /** Port 0 takes any free one. */
  readonly bind: Endpoint
  /** What clients are told; null for where it is bound. */
  readonly advertised: Endpoint | null
  readonly protocol: SecurityProtocol
  /** The broker's configuration with what was set for this listener. */
  readonly values: BrokerConfigValues
}

/** The name of the one listener that there is when none is configured. */
export const DEFAULT_LISTENER = 'PLAINTEXT'

const ENDPOINT = /^([A-Za-z0-9_-]+):\/\/(?:\[([0-9a-fA-F:.%]+)\]|([^:/\s]*)):(\d{1,5})$/
const ANY_ADDRESS = '0.0.0.0'

/**
 * The listeners of a configuration, or the one of the process's own host and port. Throws a
 * ConfigError that names every fault: nothing that is not meant is filled in, so that no listener
 * is open in a way that nobody asked for. What was set of a listener while running stands in place
 * of its address and protocol; files, key servers and mechanisms are those of the configuration.
 */
export function planListeners(
  config: BrokerConfig,
  process: Endpoint,
  overrides: ListenerOverrides = new Map(),
): readonly ListenerPlan[] {
  const { listeners, advertisedListeners, listenerSecurityProtocolMap } = config.values
  const faults: ConfigFault[] = []
  const binds = parseEndpoints('listeners', listeners, faults)
  if (binds.size === 0) binds.set(DEFAULT_LISTENER, process)
  const advertised = parseEndpoints('advertised.listeners', advertisedListeners, faults)
  const protocols = parseProtocols(listenerSecurityProtocolMap, faults)
  for (const override of overrides.values()) {
    const { name } = override
    advertised.delete(name)
    if (override.isRemoved) {
      binds.delete(name)
      continue
    }
    binds.set(name, { host: override.host, port: override.port })
    if (override.advertised) advertised.set(name, override.advertised)
    const protocol = SECURITY_PROTOCOLS.find((known) => known === override.protocol)
    if (protocol) protocols.set(name, protocol)
    else protocols.delete(name)
  }
  for (const name of advertised.keys()) {
    if (!binds.has(name)) faults.push(fault('advertised.listeners', `${name} is not a listener`))
  }
  const plans = [...binds].flatMap(([name, bind]): ListenerPlan[] => {
    const protocol = protocols.get(name)
    if (protocol === undefined) {
      faults.push(fault('listener.security.protocol.map', `it does not say how ${name} speaks`))
      return []
    }
    const values = config.valuesOfListener(name)
    faults.push(...missing(name, protocol, values))
    return [{ name, bind, advertised: advertised.get(name) ?? null, protocol, values }]
  })
  if (faults.length > 0) throw new ConfigError(faults)
  return plans
}

function parseEndpoints(
  key: string,
  texts: readonly string[],
  faults: ConfigFault[],
): Map<string, Endpoint> {
  const endpoints = new Map<string, Endpoint>()
  for (const text of texts) {
    const [, name, address, host, port] = ENDPOINT.exec(text) ?? []
    if (name === undefined || Number(port) > 65_535) {
      faults.push(fault(key, `${JSON.stringify(text)} is not NAME://HOST:PORT`))
    } else if (endpoints.has(name)) {
      faults.push(fault(key, `${name} is there twice`))
    } else {
      endpoints.set(name, { host: address ?? (host || ANY_ADDRESS), port: Number(port) })
    }
  }
  return endpoints
}

function parseProtocols(
  texts: readonly string[],
  faults: ConfigFault[],
): Map<string, SecurityProtocol> {
  const protocols = new Map<string, SecurityProtocol>()
  for (const text of texts) {
    const colon = text.indexOf(':')
    const protocol = SECURITY_PROTOCOLS.find((known) => known === text.slice(colon + 1))
    if (colon <= 0 || protocol === undefined) {
      const message = `${JSON.stringify(text)} is not NAME:PROTOCOL with one of ${SECURITY_PROTOCOLS.join(', ')}`
      faults.push(fault('listener.security.protocol.map', message))
    } else {
      protocols.set(text.slice(0, colon), protocol)
    }
  }
  return protocols
}

/** What a listener needs and does not have. */
function missing(
  listener: string,
  protocol: SecurityProtocol,
  values: BrokerConfigValues,
): readonly ConfigFault[] {
  const needs = (name: string, why: string): ConfigFault =>
    fault(name, `it must be set: listener ${listener} ${why}`)
  const faults: ConfigFault[] = []
  if (usesTls(protocol)) {
    if (values.sslKeystoreLocation === null) faults.push(needs('ssl.keystore.location', 'uses TLS'))
    if (values.sslClientAuth !== 'none' && values.sslTruststoreLocation === null) {
      faults.push(needs('ssl.truststore.location', 'asks clients for certificates'))
    }
    const mapper = parsePrincipalRules(values.sslPrincipalMappingRules)
    if ('fault' in mapper) faults.push(fault('ssl.principal.mapping.rules', mapper.fault))
  }
  if (usesSasl(protocol) && values.saslEnabledMechanisms.includes('OAUTHBEARER')) {
    faults.push(...missingForBearer(values, (name) => needs(name, 'takes OAUTHBEARER')))
  }
  return faults
}

/** Without these a token would be taken from anybody (CVE-2026-33557, CVE-2026-110985). */
function missingForBearer(
  values: BrokerConfigValues,
  needs: (name: string) => ConfigFault,
): readonly ConfigFault[] {
  const faults: ConfigFault[] = []
  const url = values.saslOauthbearerJwksEndpointUrl
  if (url === null) faults.push(needs('sasl.oauthbearer.jwks.endpoint.url'))
  else if (!isKeyUrl(url)) {
    const message = 'it must be an https or file URL, or an http URL of this machine'
    faults.push(fault('sasl.oauthbearer.jwks.endpoint.url', message))
  }
  if (!values.saslOauthbearerExpectedIssuer) faults.push(needs('sasl.oauthbearer.expected.issuer'))
  if (values.saslOauthbearerExpectedAudience.length === 0) {
    faults.push(needs('sasl.oauthbearer.expected.audience'))
  }
  return faults
}

function isKeyUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
  return protocol === 'https:' || protocol === 'file:' || (protocol === 'http:' && isHere)
}

function fault(name: string, message: string): ConfigFault {
  return { name, message: `${name}: ${message}` }
}
