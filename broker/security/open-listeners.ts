import type { Clock, Disk, Logger, Random, Timers } from '../../kit/index.ts'
import { Cleanups, ConfigError, onceItWorks, readWholeFile, replaceFile } from '../../kit/index.ts'
import type { BrokerConfigValues } from '../control/index.ts'
import type { ReportEvent } from '../events/index.ts'
import type { ListenerPlan } from './listener-plan.ts'
import type { ListenerSecurity } from './listener-security.ts'
import type { BearerTokens } from './sasl/bearer-tokens.ts'
import type { Credentials } from './sasl/credentials.ts'
import { DecoyKeys } from './sasl/decoy-keys.ts'
import { OAuthBearerServer } from './sasl/oauth-bearer-server.ts'
import { PlainServer } from './sasl/plain-server.ts'
import type { SaslTerms } from './sasl/sasl-exchange.ts'
import type { SaslMechanism, SaslServer } from './sasl/sasl-server.ts'
import { ScramServer } from './sasl/scram-server.ts'
import { WorkQueue } from './sasl/work-queue.ts'
import { usesSasl, usesTls } from './security-protocol.ts'
import { openTls } from './tls/open-tls.ts'

export interface SecurityOptions {
  readonly dataDirectory: string
  readonly credentials: Credentials
  readonly disk: Disk
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly logger: Logger
  /** Told of certificates that are new, of no use, or about to end. */
  readonly report: ReportEvent
  /** By listener, when its certificate ends (Unix time in ms): kept up to date here. */
  readonly certificateEnds?: Map<string, number>
}

/** A listener's keys, read and watched. */
export interface OpenListener {
  readonly security: ListenerSecurity
  /** No more looking for new certificates and keys. */
  close(): Promise<void>
}

/** Reads what a listener needs to be secure. Throws a ConfigError when a file is missing or of no use. */
export type OpenSecurity = (plan: ListenerPlan) => Promise<OpenListener>

/** Passwords that are derived at once: each takes a core for milliseconds. */
const DERIVATIONS_AT_ONCE = 2

/** What listeners have in common is made once, when the first needs it. */
export function securityOpener(options: SecurityOptions): OpenSecurity {
  const factory = onceItWorks(async () => new SaslFactory(options, await loadDecoySecret(options)))
  return async (plan) => {
    const cleanups = new Cleanups()
    try {
      const { name, protocol, values } = plan
      const tls = usesTls(protocol)
        ? await openTls(values, { ...options, onCertificate: noteEnd(options, name) })
        : null
      if (tls) cleanups.add(`certificates of ${name}`, tls.close)
      let sasl: SaslTerms | null = null
      if (usesSasl(protocol)) sasl = await (await factory()).terms(values, cleanups)
      const security = { protocol, tls: tls?.acceptor ?? null, sasl }
      return { security, close: () => cleanups.run() }
    } catch (cause) {
      await cleanups.run()
      if (cause instanceof ConfigError) throw cause
      const message = cause instanceof Error ? cause.message : String(cause)
      throw new ConfigError([{ name: 'listeners', message: `listeners: ${message}` }])
    }
  }
}

function noteEnd({ certificateEnds }: SecurityOptions, listener: string) {
  return (notAfterMs: number | null): void => {
    if (notAfterMs === null) certificateEnds?.delete(listener)
    else certificateEnds?.set(listener, notAfterMs)
  }
}

/** Makes the terms of listeners; what they have in common is made once. */
class SaslFactory {
  readonly #options: SecurityOptions
  readonly #decoys: DecoyKeys
  readonly #derivations = new WorkQueue(DERIVATIONS_AT_ONCE)

  constructor(options: SecurityOptions, decoySecret: Buffer) {
    this.#options = options
    this.#decoys = new DecoyKeys(decoySecret)
  }

  async terms(values: BrokerConfigValues, cleanups: Cleanups): Promise<SaslTerms> {
    const { clock } = this.#options
    const tokens = values.saslEnabledMechanisms.includes('OAUTHBEARER')
      ? await this.#bearerTokens(values, cleanups)
      : null
    return {
      mechanisms: values.saslEnabledMechanisms,
      maxReauthMs: values.connectionsMaxReauthMs,
      begin: (mechanism) => this.#begin(mechanism, tokens),
      now: () => clock.now(),
    }
  }

  #begin(mechanism: SaslMechanism, tokens: BearerTokens | null): SaslServer {
    const { credentials, clock, random } = this.#options
    const decoys = this.#decoys
    const derivations = this.#derivations
    switch (mechanism) {
      case 'PLAIN':
        return new PlainServer({ credentials, decoys, derivations })
      case 'SCRAM-SHA-256':
      case 'SCRAM-SHA-512':
        return new ScramServer(mechanism, { credentials, decoys, clock, random, derivations })
      case 'OAUTHBEARER':
        if (!tokens) throw new Error('OAUTHBEARER is not enabled')
        return new OAuthBearerServer(tokens)
    }
  }

  async #bearerTokens(values: BrokerConfigValues, cleanups: Cleanups): Promise<BearerTokens> {
    const { clock, logger } = this.#options
    const url = values.saslOauthbearerJwksEndpointUrl
    const issuer = values.saslOauthbearerExpectedIssuer
    // The plan has refused this already; a token must not be checked against nothing all the same.
    if (url === null || !issuer) throw new Error('OAUTHBEARER needs keys and an issuer')
    // Loaded for listeners that need them only: what checks signatures is large.
    const [{ openBearerKeys }, { BearerTokens: Tokens }] = await Promise.all([
      import('./sasl/bearer-keys.ts'),
      import('./sasl/bearer-tokens.ts'),
    ])
    const { keys, close } = await openBearerKeys(url, values.saslOauthbearerJwksEndpointRefreshMs, {
      ...this.#options,
      intervalMs: values.glasslogSslReloadIntervalMs,
    })
    cleanups.add('keys of OAUTHBEARER', close)
    const rules = {
      issuer,
      audiences: values.saslOauthbearerExpectedAudience,
      algorithms: values.glasslogOauthbearerAlgorithms,
      clockSkewSeconds: values.saslOauthbearerClockSkewSeconds,
      userClaim: values.saslOauthbearerSubClaimName,
    }
    return new Tokens(rules, keys, clock, logger)
  }
}

const DECOY_SECRET_BYTES = 32

/** What the salts of users that do not exist are made of; kept, so that they stay the same. */
async function loadDecoySecret({ dataDirectory, disk, random }: SecurityOptions): Promise<Buffer> {
  const path = `${dataDirectory}/sasl-decoy.key`
  const stored = await readWholeFile(disk, path)
  if (stored?.length === DECOY_SECRET_BYTES) return stored
  const secret = random.bytes(DECOY_SECRET_BYTES)
  await replaceFile(disk, path, secret)
  return secret
}
