import type { Cancel, Clock, Disk, FileContents, Logger, Timers } from '../../../kit/index.ts'
import { readFiles, watchFiles } from '../../../kit/index.ts'
import type { BrokerConfigValues } from '../../control/index.ts'
import type { ReportEvent } from '../../events/index.ts'
import { certificateEndMs } from './certificate-end.ts'
import { parsePrincipalRules } from './principal-mapper.ts'
import type { TlsAcceptor, TlsMaterial } from './tls-acceptor.ts'
import { createTlsAcceptor } from './tls-acceptor.ts'

export interface OpenTls {
  readonly acceptor: TlsAcceptor
  /** No more looking for new certificates. */
  readonly close: Cancel
}

interface OpenTlsOptions {
  readonly disk: Disk
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
  readonly report: ReportEvent
  /** Told when the certificate in use ends (Unix time in ms); null when that is not known, and at the end. */
  readonly onCertificate?: (notAfterMs: number | null) => void
}

/** How long before its end a certificate is told of, and how often it is looked at. */
const EXPIRING_MS = 14 * 24 * 3_600_000
const EXPIRY_CHECK_MS = 6 * 3_600_000

/**
 * TLS by a listener's configuration, with certificates that are renewed when their files change.
 * Throws when there is no key store, or one that is of no use.
 */
export async function openTls(
  values: BrokerConfigValues,
  options: OpenTlsOptions,
): Promise<OpenTls> {
  const mapper = parsePrincipalRules(values.sslPrincipalMappingRules)
  if ('fault' in mapper) throw new Error(mapper.fault)
  const { sslKeystoreLocation, sslTruststoreLocation, sslEnabledProtocols } = values
  const paths = [sslKeystoreLocation, sslTruststoreLocation].filter((path) => path !== null)
  const contents = await readFiles(options.disk, paths)
  const material = materialOf(values, contents)
  const acceptor = createTlsAcceptor(
    {
      clientAuth: values.sslClientAuth,
      mapper,
      minVersion: sslEnabledProtocols.includes('TLSv1.2') ? 'TLSv1.2' : 'TLSv1.3',
      maxVersion: sslEnabledProtocols.includes('TLSv1.3') ? 'TLSv1.3' : 'TLSv1.2',
      ciphers: values.sslCipherSuites.join(':'),
    },
    material,
  )
  const { clock, timers, report, onCertificate = () => {} } = options
  const path = sslKeystoreLocation ?? ''
  let notAfterMs = certificateEndMs(material)
  const tellExpiry = (): void => {
    if (notAfterMs === null || notAfterMs - clock.now() > EXPIRING_MS) return
    report({ kind: 'certificate-expiring', path, notAfterMs })
  }
  const reload = (changed: FileContents): void => {
    const next = materialOf(values, changed)
    acceptor.reload(next)
    notAfterMs = certificateEndMs(next)
    onCertificate(notAfterMs)
    tellExpiry()
  }
  const stopWatching = watchFiles(contents, reload, {
    ...options,
    intervalMs: values.glasslogSslReloadIntervalMs,
    onRead(reason) {
      if (reason === null) report({ kind: 'certificate-reloaded', path })
      else report({ kind: 'certificate-unusable', path, reason })
    },
  })
  onCertificate(notAfterMs)
  tellExpiry()
  const stopTelling = timers.every(EXPIRY_CHECK_MS, tellExpiry)
  const close = (): void => {
    onCertificate(null)
    stopWatching()
    stopTelling()
  }
  return { acceptor, close }
}

function materialOf(values: BrokerConfigValues, contents: FileContents): TlsMaterial {
  const { sslKeystoreLocation, sslKeystoreType, sslKeyPassword, sslTruststoreLocation } = values
  const store = contents.get(sslKeystoreLocation ?? '')
  if (!store) throw new Error('there is no key store')
  const authorities = contents.get(sslTruststoreLocation ?? '')
  return {
    // A PEM file holds both, each reader takes its own.
    ...(sslKeystoreType === 'PKCS12' ? { pfx: store } : { key: store, cert: store }),
    ...(sslKeyPassword === null ? {} : { passphrase: sslKeyPassword }),
    ...(authorities ? { ca: authorities } : {}),
  }
}
