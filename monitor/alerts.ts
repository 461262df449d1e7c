import { join } from 'node:path'
import type {
  AlertingConfig,
  ChartOf,
  Delivery,
  OperationObserver,
  StoredSecrets,
} from '../alerting/index.ts'
import {
  AlertingConfigError,
  AlertingPipeline,
  createOutlets,
  DEFAULT_CONFIG_YAML,
  DEFAULT_MAX_ALERTS,
  formatFault,
  parseAlertingConfig,
} from '../alerting/index.ts'
import type { Cancel, Clock, Disk, Logger, Random, Timers } from '../kit/index.ts'
import { readWholeFile } from '../kit/index.ts'
import type { Alert, AlertingRule } from './rules/index.ts'
import { notificationTemplateFault, renderNotification } from './rules/index.ts'

export interface AlertsPlatform {
  readonly disk: Disk
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly logger: Logger
}

export interface AlertsOptions {
  /** Holds what alerting remembers. */
  readonly directory: string
  readonly externalUrl: string
  /** Where secrets may be that the file refers to. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Secrets of contact points that the broker keeps. */
  readonly storedSecrets: StoredSecrets
}

export interface AlertsObservers {
  readonly onDelivery: (delivery: Delivery) => void
  /** What people change goes into the history. */
  readonly onOperation: OperationObserver
  readonly chartOf: ChartOf
}

/** What an evaluation of a rule found. */
export interface FoundAlerts {
  readonly rule: AlertingRule
  readonly alerts: readonly Alert[]
  readonly validUntilMs: number
}

const RELOAD_PERIOD_MS = 5_000

/** The alerting configuration has faults; the message has them all. */
export class AlertingFileError extends Error {
  override readonly name: string = 'AlertingFileError'
}

/** @throws AlertingFileError */
export async function readAlertingConfig(disk: Disk, file: string | null): Promise<AlertingConfig> {
  const text = file === null ? DEFAULT_CONFIG_YAML : await readText(disk, file)
  try {
    return parseAlertingConfig(text, notificationTemplateFault)
  } catch (error) {
    if (!(error instanceof AlertingConfigError)) throw error
    throw new AlertingFileError(
      error.faults.map((fault) => `${file}: ${formatFault(fault)}`).join('\n'),
    )
  }
}

async function readText(disk: Disk, file: string): Promise<string> {
  const bytes = await readWholeFile(disk, file)
  if (bytes === null) throw new AlertingFileError(`${file}: there is no such file`)
  return bytes.toString()
}

/** What happens once a rule fires: alerting, with the templates of the monitor's rules. */
export function openAlerts(
  options: AlertsOptions,
  platform: AlertsPlatform,
  config: AlertingConfig,
  { onDelivery, onOperation, chartOf }: AlertsObservers,
): Promise<AlertingPipeline> {
  const outlets = createOutlets({
    ...platform,
    environment: options.environment,
    storedSecrets: options.storedSecrets,
    render: renderNotification,
    chartOf,
  })
  const { directory, externalUrl } = options
  return AlertingPipeline.open(
    platform,
    {
      directory: join(directory, 'alerting'),
      externalUrl,
      maxAlerts: DEFAULT_MAX_ALERTS,
      onDelivery,
    },
    outlets,
    config,
    onOperation,
  )
}

/**
 * Gives alerting what a rule found: everything that fires, until `validUntilMs` if it is not told again, and what ended
 * lately. An end of its own, because a rule may be evaluated less often than an alert without one is taken for over.
 */
export async function tellAlerts(
  pipeline: Pick<AlertingPipeline, 'receive'>,
  { rule, alerts, validUntilMs }: FoundAlerts,
  externalUrl: string,
  logger: Logger,
): Promise<void> {
  const told = alerts.filter(({ state }) => state !== 'pending')
  if (told.length === 0) return
  const generatorUrl = `${externalUrl}/graph?g0.expr=${encodeURIComponent(rule.expression)}`
  const refused = await pipeline.receive(
    told.map(({ labels, annotations, activeAtMs, firedAtMs, resolvedAtMs }) => ({
      labels: labels.toRecord(),
      annotations,
      startsAtMs: firedAtMs ?? activeAtMs,
      endsAtMs: resolvedAtMs ?? validUntilMs,
      generatorUrl,
    })),
  )
  if (refused.length > 0) logger.warn({ refused }, 'alerting did not take alerts of a rule')
}

/** Puts a configuration in force whenever its file changes; one with faults changes nothing and is told of once. */
export function followAlertingFile(
  file: string | null,
  settings: Pick<AlertingPipeline, 'reconfigure'>,
  { disk, timers, logger }: AlertsPlatform,
  onLoaded: (isGood: boolean) => void,
): Cancel {
  if (file === null) return () => undefined
  let inForce: string | null = null
  let told = ''
  const look = async (): Promise<void> => {
    try {
      const text = await readText(disk, file)
      if (text === inForce) return
      const config = await readAlertingConfig(disk, file)
      // The first time too: the file may have changed since the start read it.
      await settings.reconfigure(config)
      inForce = text
      onLoaded(true)
      told = ''
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      if (message !== told)
        logger.error({ err: error }, 'the alerting file cannot be used, the old one stays in force')
      told = message
      onLoaded(false)
    }
  }
  void look()
  return timers.every(RELOAD_PERIOD_MS, () => void look())
}
