import { dirname } from 'node:path'
import { performance } from 'node:perf_hooks'
import type { Broker, BrokerOptions } from '../../broker/broker.ts'
import { startBroker } from '../../broker/broker.ts'
import { inlineJournalDevice } from '../../broker/log/index.ts'
import type { Clock } from '../../kit/index.ts'
import { replaceFile, seededRandom, silentLogger, systemTimers } from '../../kit/index.ts'
import type { SimDisk } from '../../kit/testing.ts'
import { createSimDisk } from '../../kit/testing.ts'
import type { Reading } from '../../monitor/cluster/index.ts'
import { AdminClient, storeQuery } from '../../monitor/cluster/index.ts'
import type { Finding, InspectionSettings } from '../../monitor/inspections/index.ts'
import { FindingBook, Inspector } from '../../monitor/inspections/index.ts'
import { LagTracker } from '../../monitor/lag/index.ts'
import {
  DEFAULT_SCRAPE_LIMITS,
  httpGet,
  inOnePiece,
  TargetScraper,
} from '../../monitor/scrape/index.ts'
import { DEFAULT_STORE_OPTIONS, SeriesStore } from '../../monitor/series/index.ts'

/** Time as the machine has it, which a test may move on: timers go on as they are. */
export interface ShiftedClock extends Clock {
  shift(durationMs: number): void
}

function shiftedClock(): ShiftedClock {
  let shiftMs = 0
  return {
    now: () => Date.now() + shiftMs,
    monotonicMs: () => performance.now() + shiftMs,
    shift(durationMs) {
      shiftMs += durationMs
    },
  }
}

export interface InspectedBrokerOptions {
  readonly overrides?: Readonly<Record<string, string>>
  readonly settings?: Partial<InspectionSettings>
  readonly capacityBytes?: number
  /** Files that are there before the broker starts, by their paths. */
  readonly files?: Readonly<Record<string, string>>
  readonly audit?: BrokerOptions['audit']
}

/**
 * A real broker with its ports, on a disk that the test controls, and the rooms of the monitor that watch it
 * from outside. Time is moved on by the test, so that minutes and days pass at once for both.
 */
export interface InspectedBroker {
  readonly broker: Broker
  readonly kafkaAddress: string
  readonly adminUrl: string
  readonly token: string
  readonly disk: SimDisk
  readonly clock: ShiftedClock
  readonly admin: AdminClient
  readonly lags: LagTracker
  readonly book: FindingBook
  readonly inspector: Inspector
  /** Asks the admin API; throws when it refuses. */
  call(method: string, path: string, body?: unknown): Promise<unknown>
  /** Lets time pass, and looks at the broker as the monitor does at the end of it. */
  pass(durationMs: number, looks?: number): Promise<void>
  query(expression: string): Promise<readonly Reading[]>
  /** Inspects now and answers what is open. */
  inspect(): Promise<readonly Finding[]>
  /** Samples of a target beside the broker, such as the monitor itself. */
  addSeries(text: () => string): void
  stop(): Promise<void>
}

export async function startInspectedBroker(
  options: InspectedBrokerOptions = {},
): Promise<InspectedBroker> {
  const clock = shiftedClock()
  const timers = systemTimers
  const disk = createSimDisk({ timers, capacityBytes: options.capacityBytes ?? 2 ** 40 })
  for (const [path, text] of Object.entries(options.files ?? {})) await writeFile(disk, path, text)
  const platform = {
    ...{ disk, clock, timers, random: seededRandom(1), logger: silentLogger },
    journalDevice: inlineJournalDevice(disk, clock),
  }
  const broker = await startBroker(
    {
      ...{ dataDirectory: '/data', host: '127.0.0.1', kafkaPort: 0, adminPort: 0 },
      ...{ adminTlsKeystore: null, adminHostnames: [], rack: null, secretsKey: null },
      ...{ advertised: { host: null, port: null }, insecure: true, version: '0.1.0' },
      overrides: { 'group.initial.rebalance.delay.ms': '0', ...options.overrides },
      limits: { hotWindowBytes: 64 * 1024 * 1024, journalFileBytes: 1024 * 1024 },
      ...(options.audit === undefined ? {} : { audit: options.audit }),
      onFailure: () => {},
    },
    platform,
  )
  const tokenFile = await disk.open('/data/root.token', 'read')
  const tokenBytes = Buffer.alloc(await tokenFile.size())
  await tokenFile.read(tokenBytes, 0)
  await tokenFile.close()
  const token = tokenBytes.toString().trim()

  const monitorDisk = createSimDisk()
  await monitorDisk.makeDirectory('/monitor')
  const store = await SeriesStore.open(
    monitorDisk,
    '/monitor/series',
    DEFAULT_STORE_OPTIONS,
    silentLogger,
  )
  const find = async () => ({ url: broker.admin.url, token })
  const admin = new AdminClient(find)
  const query = storeQuery(store, clock)
  const details = { metadata: () => {}, exemplar: () => {} }
  const scrapePlatform = { clock, random: seededRandom(1) }
  const scraper = new TargetScraper(
    {
      ...DEFAULT_SCRAPE_LIMITS,
      ...{ job: 'glasslog', instance: 'test', url: `${broker.admin.url}/metrics` },
      headers: { authorization: `Bearer ${token}` },
    },
    httpGet,
    store,
    details,
    scrapePlatform,
  )
  const others: TargetScraper[] = []
  const lags = new LagTracker({ admin, query, clock, logger: silentLogger })
  const book = await FindingBook.open(monitorDisk, '/monitor/inspections')
  const inspector = new Inspector({
    ...{ admin, query, book, clock, logger: silentLogger, lags: () => lags.all() },
    settings: {
      ...{ version: '0.1.0', produceBytesPerSecond: 0, consumeBytesPerSecond: 0 },
      ...options.settings,
    },
    onRaised: async () => {},
  })
  const look = async (): Promise<void> => {
    const { error } = await scraper.scrape(clock.now())
    if (error !== null) throw new Error(`the broker cannot be scraped: ${error}`)
    for (const other of others) await other.scrape(clock.now())
    await lags.look()
  }
  await look()
  return {
    ...{ broker, disk, clock, admin, lags, book, inspector, token },
    kafkaAddress: `${broker.kafka.host}:${broker.kafka.port}`,
    adminUrl: broker.admin.url,
    async call(method, path, body) {
      const response = await fetch(`${broker.admin.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const answer: unknown = response.status === 204 ? null : await response.json()
      if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`)
      return answer
    },
    async pass(durationMs, looks = 1) {
      for (let done = 0; done < looks; done++) {
        clock.shift(durationMs / looks)
        await look()
      }
    },
    query: (expression) => query.instant(expression, clock.now()),
    async inspect() {
      await inspector.run()
      return book.all().filter(({ state }) => state === 'open')
    },
    addSeries(text) {
      others.push(
        new TargetScraper(
          {
            ...DEFAULT_SCRAPE_LIMITS,
            ...{ job: 'other', instance: String(others.length), url: 'http://other', headers: {} },
          },
          async () => ({
            ...{ status: 200, contentType: 'text/plain; version=0.0.4' },
            body: inOnePiece(text()),
          }),
          store,
          details,
          scrapePlatform,
        ),
      )
    },
    async stop() {
      await store.close()
      await broker.stop()
    },
  }
}

/** Puts a file there, in place of what is there. */
export async function writeFile(disk: SimDisk, path: string, text: string): Promise<void> {
  await disk.makeDirectory(dirname(path))
  await replaceFile(disk, path, Buffer.from(text))
}
