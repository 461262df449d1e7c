import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import fastify from 'fastify'
import type { Cancel, Clock, Disk, Logger, Timers } from '../kit/index.ts'
import { brokerAuthenticator, requireAuthorization } from './api/authentication.ts'
import { addPrometheusApi } from './api/prometheus-api.ts'
import { MetricDetails } from './details.ts'
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
  readonly version: string
  /** Asked before each use, because a broker that starts again may be elsewhere; null while there is none. */
  readonly findBroker: () => Promise<BrokerAddress | null>
}

export interface MonitorPlatform {
  readonly disk: Disk
  readonly clock: Clock
  readonly timers: Timers
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

/** Scrapes a broker, keeps the series, and answers PromQL over Prometheus' API. */
export async function startMonitor(
  options: MonitorOptions,
  platform: MonitorPlatform,
): Promise<Monitor> {
  const { disk, clock, timers, logger } = platform
  await disk.makeDirectory(options.directory)
  const lock = await disk.lock(join(options.directory, 'lock'))
  if (lock === null)
    throw new MonitorDirectoryInUseError(`${options.directory} is in use by another process`)
  const store = await SeriesStore.open(
    disk,
    join(options.directory, 'series'),
    { ...DEFAULT_STORE_OPTIONS, retentionMs: options.retentionMs },
    logger,
  )
  const details = new MetricDetails()
  const app = createApp(options, { store, details, clock })
  await app.listen({ host: options.host, port: options.port })
  app.server.maxConnections = MAX_CONNECTIONS
  const stops = [
    followBroker(options, platform, store, details),
    timers.every(SYNC_PERIOD_MS, () => void store.sync().catch(() => undefined)),
    timers.every(
      MAINTENANCE_PERIOD_MS,
      () => void store.maintain(clock.now()).catch(() => undefined),
    ),
  ]
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : options.port
  return {
    host: options.host,
    port,
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    async stop() {
      for (const stop of stops) stop()
      await app.close()
      await store.close()
      await lock.release()
    },
  }
}

function createApp(
  { findBroker, version }: MonitorOptions,
  services: { store: SeriesStore; details: MetricDetails; clock: Clock },
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
    const scraper = new TargetScraper(target, httpGet, store, details, clock)
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
