import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { AlertingConfig, AlertingPipeline } from '../alerting/index.ts'
import { addAlertingApi, addAlertmanagerApi } from '../alerting/index.ts'
import type { Clock, Disk, Logger, Random, Timers } from '../kit/index.ts'
import { Cleanups } from '../kit/index.ts'
import { AlertingSettings } from './alerting-settings.ts'
import { followAlertingFile, openAlerts, readAlertingConfig, tellAlerts } from './alerts.ts'
import { accountOf, brokerAuthenticator, requireAuthorization } from './api/authentication.ts'
import { addPrometheusApi } from './api/prometheus-api.ts'
import { addRemoteApi } from './api/remote-api.ts'
import { addRulesApi } from './api/rules-api.ts'
import { addRunbooks } from './api/runbooks.ts'
import { addStatusApi } from './api/status-api.ts'
import { addStoredApi } from './api/stored-api.ts'
import { followBrokerConfiguration } from './broker-configuration.ts'
import { createAlertCharts, storeChartSource } from './charts/index.ts'
import { AdminClient } from './cluster/index.ts'
import { ConsoleAnnouncement } from './console-announcement.ts'
import { consoleUrl, createConsoleApp } from './console-server.ts'
import { DEFAULT_RULE_FILES } from './default-rules/index.ts'
import { MetricDetails } from './details.ts'
import type { DiskKeeper } from './disk/index.ts'
import { addDiskRoutes, measureDisk } from './disk/index.ts'
import type { FindBroker } from './follow-broker.ts'
import { followBroker } from './follow-broker.ts'
import type { DiskSettings } from './keep-disk.ts'
import { keepDisk } from './keep-disk.ts'
import { measureGroups } from './measure-groups.ts'
import type { QueryResultKind } from './metrics/index.ts'
import { MonitorStats, metricsPage, monitorFamilies, TEXT_CONTENT_TYPE } from './metrics/index.ts'
import { historyOperation } from './operation-history.ts'
import { createBrokerHistory, Outbox } from './outbox/index.ts'
import type { QueryLimits, QueryOutcome, RemoteOptions } from './query/index.ts'
import { QueryThreads, RemotePrometheus } from './query/index.ts'
import type { RuleGroup } from './rules/index.ts'
import {
  followRuleFiles,
  RuleFileError,
  RuleManager,
  RuleSources,
  readRuleFiles,
  remoteRuleStorage,
  storeRuleStorage,
} from './rules/index.ts'
import { scrapeItself } from './scrape-itself.ts'
import { DEFAULT_STORE_OPTIONS, SeriesStore } from './series/index.ts'
import type { Watch, WatchOptions } from './watch.ts'
import { openWatch } from './watch.ts'

export interface MonitorOptions {
  /** Holds the series; used by one process at a time. */
  readonly directory: string
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** A PEM file with key and certificates; null serves HTTP without TLS. */
  readonly tlsKeystore: string | null
  readonly scrapeIntervalMs: number
  /** Labels that every series of the broker gets. */
  readonly targetLabels: Readonly<Record<string, string>>
  readonly retentionMs: number
  /** Rule files of Prometheus; read again when they change. */
  readonly ruleFiles: readonly string[]
  /** Whether the rules that come with the monitor are in force. */
  readonly hasDefaultRules: boolean
  readonly evaluationIntervalMs: number
  readonly queryLimits: QueryLimits
  /** Asked by the API and by rules instead of the own series; null asks those. */
  readonly prometheus: RemoteOptions | null
  /** Routes and contact points in Alertmanager's terms; read again when it changes. */
  readonly alertingFile: string | null
  /** Where secrets may be that the alerting file refers to. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Where people reach this monitor: links of alerts begin with it. */
  readonly externalUrl: string | null
  readonly version: string
  readonly findBroker: FindBroker
  /** The root account's token as it lies on this machine; null where it does not. */
  readonly readRootToken: () => Promise<string | null>
  readonly disk: DiskSettings
  readonly watch: WatchOptions
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
/**
 * Scrapes a broker, keeps the series, evaluates rules, and answers PromQL over Prometheus' API.
 * @throws RuleFileError, AlertingFileError, ConfigError, MonitorDirectoryInUseError, ScheduleError, FindingsVersionError
 */
export async function startMonitor(
  options: MonitorOptions,
  platform: MonitorPlatform,
): Promise<Monitor> {
  const { disk } = platform
  const rules = {
    defaults: await readRuleFiles(disk, options.hasDefaultRules ? DEFAULT_RULE_FILES : []),
    files: await readRuleFiles(disk, options.ruleFiles),
  }
  const alerting = await readAlertingConfig(disk, options.alertingFile)
  const cleanups = new Cleanups()
  try {
    return await startWith(rules, alerting, options, platform, cleanups)
  } catch (error) {
    await cleanups.run()
    throw error
  }
}

async function startWith(
  initialRules: { readonly defaults: readonly RuleGroup[]; readonly files: readonly RuleGroup[] },
  alerting: AlertingConfig,
  options: MonitorOptions,
  platform: MonitorPlatform,
  cleanups: Cleanups,
): Promise<Monitor> {
  const { clock, timers, logger } = platform
  const externalUrl = options.externalUrl ?? consoleUrl(options, options.port)
  await lockDirectory(options.directory, platform.disk, cleanups)
  const stats = new MonitorStats()
  const store = await openStore(options, platform, cleanups)
  const details = new MetricDetails()
  const settings = new AlertingSettings(alerting)
  const storedSecrets = settings.storedSecret.bind(settings)
  const history = createBrokerHistory(options.findBroker)
  const remote = remotePrometheus(options, logger)
  const outbox = await Outbox.open(platform, join(options.directory, 'outbox.jsonl'), history)
  cleanups.add('outbox', () => outbox.close())
  const pipeline = await openAlerts(
    { ...options, externalUrl, storedSecrets },
    platform,
    alerting,
    {
      onDelivery: (delivery) => stats.notified(delivery),
      onOperation: (operation) => outbox.add(historyOperation(operation)),
      chartOf: createAlertCharts({ source: remote ?? storeChartSource(store, clock), clock }),
    },
  )
  settings.connect(pipeline)
  cleanups.add('alerting', () => pipeline.stop())
  const admin = new AdminClient(options.findBroker)
  const receive = pipeline.receive.bind(pipeline)
  const keeperParts = { ...platform, admin, outbox, store, receive }
  const keeper = await keepDisk({ ...options, externalUrl }, keeperParts)
  cleanups.add('disk', () => keeper.stop())
  const queries = new QueryThreads({ store, clock, timers, logger }, options.queryLimits)
  cleanups.add('queries', () => queries.close())
  const ownStorage = storeRuleStorage(store, clock)
  const watch = await openWatch(options.watch, {
    ...{ ...options, ...platform, store, pipeline, externalUrl },
    ...{ instance: outbox.id, record: (operation) => outbox.add(operation) },
  })
  const rules = new RuleManager({
    intervalMs: options.evaluationIntervalMs,
    context: { externalUrl, externalLabels: {} },
    storage: remote === null ? ownStorage : remoteRuleStorage(remote, ownStorage),
    clock,
    timers,
    onAlerts: (rule, alerts, validUntilMs) => {
      const found = { rule, alerts, validUntilMs }
      tellAlerts(pipeline, found, externalUrl, logger).catch((error: unknown) =>
        logger.error({ err: error }, 'alerting could not take alerts of a rule'),
      )
      watch.noteAlerts(alerts)
    },
  })
  const sources = new RuleSources(rules)
  const page = metricsPage([
    ...monitorFamilies({
      ...{ stats, store, queries, pipeline, outbox },
      groups: () => measureGroups(rules),
      disk: () => measureDisk(keeper),
    }),
    ...watch.families,
  ])
  const announcement = new ConsoleAnnouncement(platform.disk, options.directory, platform.random)

  const app = await createConsoleApp(options, platform)
  cleanups.add('HTTP server', () => app.close())
  const services = {
    store,
    details,
    rules,
    pipeline,
    queries,
    remote,
    stats,
    page,
    keeper,
    ...platform,
  }
  addRoutes(app, options, services)
  addWatchRoutes(app, watch, announcement)
  await app.listen({ host: options.host, port: options.port })
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : options.port
  const url = consoleUrl(options, port)
  await announcement.write(url, port)
  cleanups.add('announcement', () => announcement.remove())

  sources.set('defaults', initialRules.defaults)
  sources.set('files', initialRules.files)
  cleanups.add('rules', () => rules.stop())
  stats.loads.set('alerting', true)
  cleanups.add(
    'alerting file',
    followAlertingFile(options.alertingFile, settings, platform, (isGood) =>
      stats.loads.set('alerting', isGood),
    ),
  )
  stats.loads.set('files', true)
  cleanups.add(
    'rule files',
    followRuleFiles(
      options.ruleFiles,
      initialRules.files,
      (read) => {
        stats.loads.set('files', !(read instanceof RuleFileError))
        if (!(read instanceof RuleFileError)) sources.set('files', read)
      },
      platform,
    ),
  )
  cleanups.add(
    'what the broker keeps',
    followBrokerConfiguration({
      ...{ findBroker: options.findBroker, timers, logger },
      onRules: (groups) => sources.set('broker', groups),
      onAlerting: (stored) => settings.setStored(stored),
      onLoaded: (isGood) => stats.loads.set('broker', isGood),
    }),
  )
  const scrapes = { ...options, ...platform, store, details }
  const onScrape = stats.scraped.bind(stats)
  cleanups.add('scrapes', followBroker({ ...scrapes, onScrape }))
  cleanups.add('scrapes of itself', scrapeItself({ ...scrapes, url, page, onScrape }))
  await watch.start(cleanups)
  return { host: options.host, port, url, stop: () => cleanups.run() }
}

/** Null when the own series are asked. */
function remotePrometheus({ prometheus }: MonitorOptions, logger: Logger): RemotePrometheus | null {
  if (prometheus === null) return null
  logger.info(
    { url: prometheus.url },
    'prometheus.url is asked by rules, queries over HTTP and charts of alerts; lag, inspections, diagnoses and forecasts of the disk go by what the monitor scrapes itself',
  )
  return new RemotePrometheus(prometheus)
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

interface Services {
  readonly store: SeriesStore
  readonly details: MetricDetails
  readonly rules: RuleManager
  readonly pipeline: AlertingPipeline
  readonly queries: QueryThreads
  /** Asked instead of the own series. */
  readonly remote: RemotePrometheus | null
  readonly keeper: DiskKeeper
  readonly stats: MonitorStats
  readonly page: () => Promise<string>
  readonly clock: Clock
  readonly disk: Disk
}

function addRoutes(
  app: FastifyInstance,
  { findBroker, readRootToken, version, retentionMs, queryLimits }: MonitorOptions,
  services: Services,
): void {
  const { page, stats, clock, disk, store, remote } = services
  requireAuthorization(
    app,
    brokerAuthenticator({
      findBroker: async () => (await findBroker())?.url ?? null,
      ...{ readRootToken, clock },
    }),
  )
  app.get('/readyz', async () => ({ status: 'ok' }))
  app.get('/metrics', async (_, reply) => reply.type(TEXT_CONTENT_TYPE).send(await page()))
  addRunbooks(app, disk)
  addStatusApi(app, {
    ...{ store, version, retentionMs, startedAtMs: clock.now() },
    flags: {
      'storage.tsdb.retention.time': `${retentionMs}ms`,
      'query.timeout': `${queryLimits.timeoutMs}ms`,
      'query.max-samples': String(queryLimits.maxSamples),
      'query.max-concurrency': String(queryLimits.maxConcurrency),
    },
  })
  addRulesApi(app, services.rules)
  if (remote !== null) addRemoteApi(app, remote)
  else
    addPrometheusApi(app, {
      ...services,
      onQuery: (outcome, durationMs) => stats.queried(resultOf(outcome), durationMs),
    })
  addStoredApi(app, findBroker)
  addAlertmanagerApi(app, { ...services, version, actorOf: accountOf })
  addAlertingApi(app, { ...services, actorOf: accountOf })
  addDiskRoutes(app, services.keeper)
}

/** What looks at the broker as its users do; and health, by which commands know this monitor. */
function addWatchRoutes(
  app: FastifyInstance,
  watch: Watch,
  announcement: ConsoleAnnouncement,
): void {
  app.get('/healthz', async (request, reply) => {
    const proof = announcement.proofOf(request.headers['glasslog-challenge'])
    if (proof !== null) reply.header('glasslog-proof', proof)
    return { status: 'ok' }
  })
  watch.addRoutes(app)
}

function resultOf(outcome: QueryOutcome): QueryResultKind {
  if (outcome.kind === 'answer') return 'ok'
  if (outcome.errorType === 'timeout' || outcome.errorType === 'canceled') return outcome.errorType
  return outcome.errorType === 'unavailable' ? 'rejected' : 'failed'
}
