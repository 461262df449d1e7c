import type { EventFormat } from '../../audit/index.ts'
import { pushUrlFault } from '../../audit/index.ts'
import type { AuditSettings, Broker, MetricSettings, OtlpSettings } from '../../broker/index.ts'
import { startBroker } from '../../broker/index.ts'
import type { Logger } from '../../kit/index.ts'
import { createLogger, isLoopbackHost } from '../../kit/index.ts'
import { tidyAfterStart } from '../after-start.ts'
import { EXIT } from '../exit-codes.ts'
import { explained } from '../explained.ts'
import type { ServerOptions } from '../options.ts'
import { configFailure, parseServerOptions } from '../options.ts'
import { machine } from '../platform.ts'
import { askedToStop } from '../stop-signals.ts'
import { readVersion } from './version.ts'

/** A stop that takes longer than this is given up; what was acknowledged is safe in the journal. */
const STOP_DEADLINE_MS = 9_500

/** `glasslog broker`: the broker in this process, until a signal or a failure ends it. */
export async function broker(args: readonly string[]): Promise<number> {
  const options = await parseServerOptions(args, process.env)
  refuseOpenDoor(options)
  const logger = createLogger(options.process.logLevel)
  const asked = askedToStop()
  const failure = Promise.withResolvers<number>()
  const running = await startOrExplain(options, logger, (error) => {
    logger.error({ err: error }, 'nothing can be stored any more; start the broker again')
    failure.resolve(EXIT.failed)
  })
  const { kafka, admin } = running
  console.log(
    `glasslog ready kafka=${kafka.host}:${kafka.port} admin=${admin.url} pid=${process.pid}`,
  )
  tidyAfterStart()
  const exitCode = await Promise.race([asked, failure.promise])
  await stop(running, logger)
  return exitCode
}

/**
 * Without TLS only this machine may use the admin API, unless the operator says otherwise. What the
 * Kafka listeners need is looked at where they are planned.
 */
function refuseOpenDoor({ process: { host, insecure, adminTlsKeystore } }: ServerOptions): void {
  if (insecure || adminTlsKeystore !== null || isLoopbackHost(host)) return
  throw configFailure([
    `host ${host} can be reached from other machines and its admin API has no TLS: give it an admin-tls-keystore, or set insecure: true if that is what you want`,
  ])
}

async function startOrExplain(
  options: ServerOptions,
  logger: Logger,
  onFailure: (error: Error) => void,
): Promise<Broker> {
  const { dataDir, host, kafkaPort, adminPort, advertisedHost, advertisedPort } = options.process
  const { rack, insecure, secretsKey, adminTlsKeystore, adminHostnames } = options.process
  try {
    return await startBroker(
      {
        dataDirectory: dataDir,
        host,
        kafkaPort,
        adminPort,
        adminTlsKeystore,
        adminHostnames,
        advertised: { host: advertisedHost, port: advertisedPort },
        secretsKey,
        rack,
        insecure,
        audit: auditSettings(options.process),
        otlp: otlpSettings(options.process),
        metrics: metricSettings(options.process),
        version: await readVersion(),
        overrides: options.brokerOverrides,
        onFailure,
      },
      machine(logger),
    )
  } catch (error) {
    throw explained(error, dataDir)
  }
}

function auditSettings(config: ServerOptions['process']): Partial<AuditSettings> {
  return {
    checkpointRecords: config.auditCheckpointRecords,
    checkpointMs: config.auditCheckpointMs,
    checkpointFile: config.auditCheckpointFile,
    checkpointsToOutput: config.auditCheckpointStdout,
    witness: config.auditWitness,
    keyFile: config.auditKeyFile,
    push: pushOf(config),
  }
}

function pushOf(config: ServerOptions['process']): AuditSettings['push'] {
  const { auditPush: url, auditPushAuthorization: authorization } = config
  if (url === null) return null
  const fault = pushUrlFault(url)
  if (fault !== null) throw configFailure([`audit-push: ${fault}`])
  return { url, format: config.auditPushFormat as EventFormat, authorization }
}

/** The names that others gave to what /metrics shows. */
const DIALECTS = ['total', 'persec', 'kminion'] as const

function metricSettings(config: ServerOptions['process']): MetricSettings {
  const unknown = config.metricsDialects.filter((name) => !DIALECTS.some((known) => known === name))
  if (unknown.length > 0) {
    throw configFailure([
      `metrics-dialects: ${unknown.join(', ')}, but there are ${DIALECTS.join(', ')}`,
    ])
  }
  return {
    dialects: DIALECTS.filter((name) => config.metricsDialects.includes(name)),
    maxTopics: config.metricsMaxTopics,
    maxGroups: config.metricsMaxGroups,
    maxGroupPartitions: config.metricsMaxGroupPartitions,
    maxClientIds: config.metricsMaxClientIds,
    maxClientSoftware: config.metricsMaxClientSoftware,
  }
}

function otlpSettings(config: ServerOptions['process']): OtlpSettings | null {
  const { otlpEndpoint: endpoint, otlpHeaders, otlpClientMetrics: forwardsClientMetrics } = config
  if (endpoint === null) return null
  const headers = headersIn(otlpHeaders ?? '')
  if (!headers) throw configFailure(['otlp-headers: it must be like name=value,name=value'])
  return { endpoint, headers, forwardsClientMetrics }
}

/** As OTEL_EXPORTER_OTLP_HEADERS has them: values are percent-encoded. Null for something else. */
function headersIn(text: string): Readonly<Record<string, string>> | null {
  const headers: Record<string, string> = {}
  for (const item of text.split(',')) {
    if (item.trim() === '') continue
    const [name = '', ...value] = item.split('=')
    if (value.length === 0 || !/^[\w!#$%&'*+.^`|~-]+$/.test(name.trim())) return null
    try {
      headers[name.trim()] = decodeURIComponent(value.join('=').trim())
    } catch {
      return null
    }
  }
  return headers
}

async function stop(running: Broker, logger: Logger): Promise<void> {
  const giveUp = setTimeout(() => {
    logger.warn({}, 'the broker did not stop in time, leaving it at that')
    process.exit(EXIT.ok)
  }, STOP_DEADLINE_MS)
  await running.stop()
  clearTimeout(giveUp)
}
