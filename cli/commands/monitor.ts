import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Logger } from '../../kit/index.ts'
import { ConfigError, createLogger, isLoopbackHost } from '../../kit/index.ts'
import type { DiskSettings, Monitor, MonitorOptions } from '../../monitor/index.ts'
import {
  AlertingFileError,
  FindingsVersionError,
  MonitorDirectoryInUseError,
  RuleFileError,
  ScheduleError,
  startMonitor,
} from '../../monitor/index.ts'
import { findAdmin, readRootToken } from '../admin-client.ts'
import { diskSettings } from '../disk-settings.ts'
import { CommandFailure, EXIT } from '../exit-codes.ts'
import { logNodeWarnings } from '../node-warnings.ts'
import type { ServerOptions } from '../options.ts'
import { configFailure, parseServerOptions } from '../options.ts'
import { machine } from '../platform.ts'
import { lowerPriority } from '../scheduling-priority.ts'
import { askedToStop } from '../stop-signals.ts'
import { parseTargetLabels } from '../target-labels.ts'
import { readVersion } from './version.ts'

const HOUR_MS = 3_600_000

/** `glasslog monitor`: the monitor in this process, until a signal. It finds the broker by its data directory.*/
export async function monitor(args: readonly string[]): Promise<number> {
  const options = await parseServerOptions(args, process.env)
  refuseOpenDoor(options)
  const asked = askedToStop()
  const logger = createLogger(options.process.logLevel)
  logNodeWarnings(logger)
  const refusal = lowerPriority(options.process.monitorNiceness)
  if (refusal !== null)
    logger.warn({ err: refusal }, 'the monitor runs at the priority it was started with')
  const running = await startOrExplain(options, logger)
  console.log(`glasslog ready console=${running.url} pid=${process.pid}`)
  const exitCode = await asked
  await running.stop()
  return exitCode
}

function refuseOpenDoor({ process: { host, insecure, consoleTlsKeystore } }: ServerOptions): void {
  if (insecure || isLoopbackHost(host) || consoleTlsKeystore !== null) return
  throw configFailure([
    `host ${host} can be reached from other machines and the console port has no TLS: give it a console-tls-keystore, or set insecure: true if that is what you want`,
  ])
}

function diskSettingsOf(config: ServerOptions['process']): DiskSettings {
  const found = diskSettings(config, hostname())
  if ('faults' in found) throw configFailure(found.faults)
  return found
}

function watchOptions(config: ServerOptions['process']): MonitorOptions['watch'] {
  const { monitorProbeUser: user, monitorProbePassword: password } = config
  if ((user === null) !== (password === null))
    throw configFailure(['monitor-probe-user and monitor-probe-password need each other'])
  return {
    lagIntervalMs: config.monitorLagIntervalMs,
    probeIntervalMs: config.monitorProbeIntervalMs,
    probeTopic: config.monitorProbeTopic,
    probeLogin: user === null || password === null ? null : { user, password },
    inspectionSchedule: config.monitorInspectionSchedule,
    inspectionTickets: config.monitorInspectionTickets,
    produceBytesPerSecond: config.monitorCapacityProduceBytesPerSecond,
    consumeBytesPerSecond: config.monitorCapacityConsumeBytesPerSecond,
  }
}

async function startOrExplain(
  { process: config }: ServerOptions,
  logger: Logger,
): Promise<Monitor> {
  const { dataDir, host, consolePort } = config
  try {
    return await startMonitor(
      {
        directory: join(dataDir, 'monitor'),
        host,
        port: consolePort,
        scrapeIntervalMs: config.monitorScrapeIntervalMs,
        targetLabels: parseTargetLabels(config.monitorTargetLabels),
        retentionMs: config.monitorRetentionHours * HOUR_MS,
        tlsKeystore: config.consoleTlsKeystore,
        hasDefaultRules: config.monitorDefaultRules,
        queryLimits: {
          timeoutMs: config.monitorQueryTimeoutMs,
          maxSamples: config.monitorQueryMaxSamples,
          maxConcurrency: config.monitorQueryMaxConcurrency,
        },
        prometheus:
          config.prometheusUrl === null
            ? null
            : { url: config.prometheusUrl, authorization: config.prometheusAuthorization },
        ruleFiles: config.monitorRuleFiles,
        evaluationIntervalMs: config.monitorEvaluationIntervalMs,
        externalUrl: config.monitorExternalUrl,
        alertingFile: config.monitorAlertingFile,
        environment: process.env,
        version: await readVersion(),
        findBroker: () => findAdmin({ dataDir }),
        readRootToken: () => readRootToken(dataDir),
        disk: diskSettingsOf(config),
        watch: watchOptions(config),
      },
      machine(logger),
    )
  } catch (error) {
    if (error instanceof MonitorDirectoryInUseError)
      throw new CommandFailure(error.message, EXIT.inUse)
    if (error instanceof ScheduleError)
      throw configFailure([`monitor-inspection-schedule: ${error.message}`])
    if (error instanceof FindingsVersionError) throw new CommandFailure(error.message, EXIT.failed)
    if (error instanceof ConfigError)
      throw configFailure(error.faults.map(({ message }) => message))
    if (error instanceof RuleFileError || error instanceof AlertingFileError)
      throw configFailure(error.message.split('\n'))
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new CommandFailure(
        `port ${consolePort} is in use; give another with --console-port`,
        EXIT.failed,
      )
    }
    throw error
  }
}
