import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import fastify from 'fastify'
import type { AlertingConfig, AlertingPipeline } from '../alerting/index.ts'
import { addAlertingApi, addAlertmanagerApi } from '../alerting/index.ts'
import type { Cancel, Clock, Disk, Logger, Random, Timers } from '../kit/index.ts'
import { Cleanups } from '../kit/index.ts'
import { followAlertingFile, openAlerts, readAlertingConfig, tellAlerts } from './alerts.ts'
import { accountOf, brokerAuthenticator, requireAuthorization } from './api/authentication.ts'
import { addPrometheusApi } from './api/prometheus-api.ts'
import { MetricDetails } from './details.ts'
import type { RuleGroup } from './rules/index.ts'
import { followRuleFiles, RuleManager, readRuleFiles, storeRuleStorage } from './rules/index.ts'
import type { HttpGet } from './scrape/index.ts'
import { DEFAULT_SCRAPE_LIMITS, httpGet, scheduleScrapes, TargetScraper } from './scrape/index.ts'
import { DEFAULT_STORE_OPTIONS, SeriesStore } from './series/index.ts'

/** Where the broker's admin API is, and the token by which it lets the monitor in. */
export interface BrokerAddress {
  readonly url: string
  readonly token: string
}

export interface MonitorOptions {
  /** Holds the series; used by one process at a time. */
  readonly directory: string
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly scrapeIntervalMs: number
  readonly retentionMs: number
  /** Rule files of Prometheus; read again when they change. */
  readonly ruleFiles: readonly string[]
  readonly evaluationIntervalMs: number
  /** Routes and contact points in Alertmanager's terms; read again when it changes. */
  readonly alertingFile: string | null
  /** Where secrets may be that the alerting file refers to. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Where people reach this monitor: links of alerts begin with it. */
  readonly externalUrl: string | null
  readonly version: string
  /** Asked before each use, because a broker that starts again may be elsewhere; null while there is none. */
  readonly findBroker: () => Promise<BrokerAddress | null>
}

export interface MonitorPlatform {
  readonly disk: Disk
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly logger: Logger
}

export interface Monitor {
  readonly host: string
  readonly port: number
  readonly url: string
  stop(): Promise<void>
}

/** Another process uses the monitor's directory. */
export class MonitorDirectoryInUseError extends Error {
  override readonly name: string = 'MonitorDirectoryInUseError'
}

/** What a crash may lose, at most. */
const SYNC_PERIOD_MS = 10_000
const MAINTENANCE_PERIOD_MS = 60_000
const MAX_CONNECTIONS = 500

/**
 * Scrapes a broker, keeps the series, evaluates rules, and answers PromQL over Prometheus' API.
 * @throws RuleFileError, AlertingFileError, MonitorDirectoryInUseError
 */
export async function startMonitor(
  options: MonitorOptions,
  platform: MonitorPlatform,
): Promise<Monitor> {
  const groups = await readRuleFiles(platform.disk, options.ruleFiles)
  const alerting = await readAlertingConfig(platform.disk, options.alertingFile)
  const cleanups = new Cleanups()
  try {
    return await startWith(groups, alerting, options, platform, cleanups)
  } catch (error) {
    await cleanups.run()
    throw error
  }
}

async function startWith(
  groups: readonly RuleGroup[],
  alerting: AlertingConfig,
  options: MonitorOptions,
  platform: MonitorPlatform,
  cleanups: Cleanups,
): Promise<Monitor> {
  const { clock, timers, logger } = platform
  const externalUrl = options.externalUrl ?? urlOf(options.host, options.port)
  await lockDirectory(options.directory, platform.disk, cleanups)
  const store = await openStore(options, platform, cleanups)
  const details = new MetricDetails()
  const pipeline = await openAlerts({ ...options, externalUrl }, platform, alerting)
  cleanups.add('alerting', () => pipeline.stop())
  const rules = new RuleManager({
    intervalMs: options.evaluationIntervalMs,
    context: { externalUrl, externalLabels: {} },
    storage: storeRuleStorage(store),
    clock,
    timers,
    onAlerts: (rule, alerts) => {
      tellAlerts(pipeline, rule, alerts, externalUrl, logger).catch((error: unknown) =>
        logger.error({ err: error }, 'alerting could not take alerts of a rule'),
      )
    },
  })
  const app = createApp(options, { store, details, rules, pipeline, clock })
  cleanups.add('HTTP server', () => app.close())
  await app.listen({ host: options.host, port: options.port })
  app.server.maxConnections = MAX_CONNECTIONS
  rules.replace(groups)
  cleanups.add('rules', () => rules.stop())
  cleanups.add('alerting file', followAlertingFile(options.alertingFile, pipeline, platform))
  cleanups.add('rule files', followRuleFiles(options.ruleFiles, rules, platform))
  cleanups.add('scrapes', followBroker(options, platform, store, details))
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : options.port
  return { host: options.host, port, url: urlOf(options.host, port), stop: () => cleanups.run() }
}

async function lockDirectory(directory: string, disk: Disk, cleanups: Cleanups): Promise<void> {
  await disk.makeDirectory(directory)
  const lock = await disk.lock(join(directory, 'lock'))
  if (lock === null) {
    throw new MonitorDirectoryInUseError(`${directory} is in use by another process`)
  }
  cleanups.add('directory lock', () => lock.release())
}

async function openStore(
  { directory, retentionMs }: MonitorOptions,
  { disk, clock, timers, logger }: MonitorPlatform,
  cleanups: Cleanups,
): Promise<SeriesStore> {
  const options = { ...DEFAULT_STORE_OPTIONS, retentionMs }
  const store = await SeriesStore.open(disk, join(directory, 'series'), options, logger)
  cleanups.add('series', () => store.close())
  // The store tells its log of failures itself, and goes on with what it has in memory.
  const quietly = (work: Promise<void>) => void work.catch(() => undefined)
  cleanups.add(
    'sync of series',
    timers.every(SYNC_PERIOD_MS, () => quietly(store.sync())),
  )
  cleanups.add(
    'maintenance of series',
    timers.every(MAINTENANCE_PERIOD_MS, () => quietly(store.maintain(clock.now()))),
  )
  return store
}

function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

function createApp(
  { findBroker, version }: MonitorOptions,
  services: {
    store: SeriesStore
    details: MetricDetails
    rules: RuleManager
    pipeline: AlertingPipeline
    clock: Clock
  },
): FastifyInstance {
  const app = fastify({ bodyLimit: 1024 * 1024, forceCloseConnections: true })
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_, body, done) => {
      done(null, body)
    },
  )
  requireAuthorization(
    app,
    brokerAuthenticator(async () => (await findBroker())?.url ?? null, services.clock),
  )
  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/readyz', async () => ({ status: 'ok' }))
  addPrometheusApi(app, { ...services, version })
  addAlertmanagerApi(app, { ...services, version, actorOf: accountOf })
  addAlertingApi(app, { ...services, actorOf: accountOf })
  return app
}

/** Scrapes the broker wherever it is; a broker that is found at another address is another instance. */
function followBroker(
  { findBroker, scrapeIntervalMs }: MonitorOptions,
  { clock, timers, logger }: MonitorPlatform,
  store: SeriesStore,
  details: MetricDetails,
): Cancel {
  let current: { url: string; scraper: TargetScraper; cancel: Cancel } | null = null
  let isDown = false
  const look = async (): Promise<void> => {
    const broker = await findBroker()
    if (broker === null || broker.url === current?.url) return
    current?.cancel()
    current?.scraper.end(clock.now())
    const target = {
      ...DEFAULT_SCRAPE_LIMITS,
      job: 'glasslog',
      instance: new URL(broker.url).host,
      url: `${broker.url}/metrics`,
      headers: { authorization: `Bearer ${broker.token}` },
      intervalMs: scrapeIntervalMs,
      timeoutMs: Math.min(scrapeIntervalMs, DEFAULT_SCRAPE_LIMITS.timeoutMs),
    }
    // Asked each time: who holds the address of a broker that died must not be sent its token.
    const provedGet: HttpGet = async (url, options) => {
      if ((await findBroker())?.url !== broker.url) {
        throw new Error(`no broker that runs on the data directory answers at ${broker.url}`)
      }
      return httpGet(url, options)
    }
    const scraper = new TargetScraper(target, provedGet, store, details, clock)
    const cancel = scheduleScrapes(scraper, clock, timers, ({ error }) => {
      if (isDown !== (error !== null))
        logger.warn(
          { url: target.url, error },
          error === null ? 'the broker is up' : 'the broker is down',
        )
      isDown = error !== null
    })
    current = { url: broker.url, scraper, cancel }
  }
  const lookSafely = () =>
    void look().catch((error: unknown) =>
      logger.error({ err: error }, 'the broker cannot be found'),
    )
  lookSafely()
  const cancel = timers.every(scrapeIntervalMs, lookSafely)
  return () => {
    cancel()
    current?.cancel()
  }
}
