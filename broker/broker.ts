import { HistoryTrail } from '../audit/index.ts'
import type { Clock, Disk, Logger, Random, Timers } from '../kit/index.ts'
import { Cleanups } from '../kit/index.ts'
import { loadRootToken, startAdminServer } from './admin/index.ts'
import { Announcement } from './announcement.ts'
import type { AuditSettings } from './audit-trail.ts'
import { AuditTrail, auditDirectory, defaultAuditSettings, firstAuditKey } from './audit-trail.ts'
import { BackupService, recordNotedBackups, recordRestore } from './backup/index.ts'
import { cleanerSettings } from './cleaner-settings.ts'
import type { OtlpTarget } from './client-metrics/index.ts'
import { ClientMetrics, OtlpForwarder, otlpPost } from './client-metrics/index.ts'
import type { BrokerFact } from './control/index.ts'
import {
  createBrokerConfig,
  createControlPlane,
  givenSecretKey,
  secretKeyFile,
} from './control/index.ts'
import {
  appendToEvents,
  createEvents,
  reportRecovery,
  storageReports,
  watchStorage,
} from './event-wiring.ts'
import { createGroupCoordinator, groupConfig } from './groups/index.ts'
import type { AdvertisedEndpoint, BrokerServices } from './handlers/index.ts'
import {
  createProducerIds,
  FetchMemory,
  FetchSessions,
  handlers,
  TopicTrafficTable,
} from './handlers/index.ts'
import { reportHistory } from './history-events.ts'
import { plannedListeners, safePlans } from './listener-planning.ts'
import { ListenerSet } from './listener-set.ts'
import type { JournalDeviceFactory, LogStoreLimits } from './log/index.ts'
import { openLogStore } from './log/index.ts'
import { observeFailedLogin } from './login-observations.ts'
import { metricsWhenAsked } from './metrics-when-asked.ts'
import { connectionsWithin, createKafkaServer, DEFAULT_MAX_CLIENT_IDS } from './network/index.ts'
import { brokerEventOf, loggedEvent } from './network-events.ts'
import { Quotas } from './quotas/index.ts'
import { scrubSettings } from './scrub-settings.ts'
import { AccessControl, securityOpener, storedCredentials } from './security/index.ts'
import type { MetricSettings } from './telemetry/index.ts'
import type { Tracing, TracingSettings } from './tracing/index.ts'

/** What the machine gives; a test gives simulated ones. */
export interface Platform {
  readonly disk: Disk
  readonly journalDevice: JournalDeviceFactory
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly logger: Logger
}

/** A collector that speaks OTLP over HTTP. */
export interface OtlpSettings extends OtlpTarget {
  /** Whether it gets what clients report of themselves, beside traces. */
  readonly forwardsClientMetrics: boolean
}

export interface BrokerOptions {
  readonly dataDirectory: string
  readonly host: string
  /** 0 takes any free port. */
  readonly kafkaPort: number
  readonly adminPort: number
  /** A PEM file with key and certificates of the admin port; null serves it without TLS. */
  readonly adminTlsKeystore: string | null
  /** Names by which the admin port may be asked for on this machine without TLS. */
  readonly adminHostnames: readonly string[]
  /** What clients are told instead of the address listened on. */
  readonly advertised: { readonly host: string | null; readonly port: number | null }
  readonly rack: string | null
  /** Key of `__secrets` in base64; null keeps one in `<data-dir>/secrets.key`. */
  readonly secretsKey: string | null
  /** Whether other machines may reach listeners without TLS or a login. */
  readonly insecure: boolean
  /** Kafka's broker configs, by their names. */
  readonly overrides: Readonly<Record<string, string>>
  /** How the history is signed; what is left out has its default. */
  readonly audit?: Partial<AuditSettings>
  /** Where traces and what clients report go to; null or left out for nowhere. */
  readonly otlp?: OtlpSettings | null
  readonly limits?: Partial<LogStoreLimits>
  /** What /metrics shows, and of how many; what is left out has its default. */
  readonly metrics?: Partial<MetricSettings>
  /** The release, as metrics show it. */
  readonly version?: string
  /** Told once when nothing can be stored any more: the process should end and be started anew. */
  readonly onFailure: (error: Error) => void
}

export interface Broker {
  readonly kafka: AdvertisedEndpoint
  readonly admin: AdvertisedEndpoint & { readonly url: string }
  /** Answers what is in flight, makes everything durable, lets go of the data directory. Bounded; idempotent. */
  stop(): Promise<void>
}

/** There is one broker on one machine. */
const NODE_ID = 1

/** Records on their way to clients, beyond which reads are made smaller. */
const FETCH_MEMORY_BYTES = 256 * 1024 * 1024

/** Of the ten seconds that a stop may take, those for requests in flight; the rest is the engine's. */
const ANSWER_DEADLINE_MS = 2_000

/**
 * Starts everything that a client or an operator talks to, from the ground up. Throws a ConfigError
 * for wrong configs, a LogStoreError or HistoryError for data that cannot be used; whatever was
 * started until then is stopped again.
 */
export async function startBroker(options: BrokerOptions, platform: Platform): Promise<Broker> {
  const cleanups = new Cleanups()
  try {
    return await wire(options, platform, cleanups)
  } catch (error) {
    await cleanups.run()
    throw error
  }
}

/** What DescribeConfigs shows of this broker although it is set in other ways than by Kafka's names. */
function factsOf({ dataDirectory, rack }: BrokerOptions): readonly BrokerFact[] {
  const id = { value: String(NODE_ID), doc: 'Id of this broker. There is one.' }
  return [
    { name: 'broker.id', ...id },
    { name: 'node.id', ...id },
    {
      name: 'log.dirs',
      value: dataDirectory,
      doc: 'Directory of the data: data-dir of the process.',
    },
    ...(rack === null
      ? []
      : [{ name: 'broker.rack', value: rack, doc: 'Rack of this broker: rack of the process.' }]),
  ]
}

/** Traces say which broker of which cluster they are from. Most brokers trace nothing, and do not load what does. */
async function startTracing(
  target: OtlpSettings,
  clusterId: string,
  settings: TracingSettings,
  platform: Platform,
): Promise<Tracing> {
  const resource = {
    'service.name': 'glasslog',
    'service.instance.id': String(NODE_ID),
    'messaging.kafka.cluster.id': clusterId,
  }
  const { openTracing } = await import('./tracing/index.ts')
  return openTracing({ target, resource, settings, ...platform })
}

async function wire(
  options: BrokerOptions,
  platform: Platform,
  cleanups: Cleanups,
): Promise<Broker> {
  const { dataDirectory, host } = options
  const { disk, clock, timers, random, logger } = platform

  // Wrong configuration is told before anything is touched.
  const config = createBrokerConfig({ overrides: options.overrides, facts: factsOf(options) })
  const { values } = config
  const process = { host, port: options.kafkaPort }
  const planning = { config, process, insecure: options.insecure }
  safePlans(planning)

  // What an operator may ask about is told from here on, by whichever room it happens in.
  const { events, eventLog } = createEvents(platform)
  cleanups.add('events', () => events.stop())
  const startedMs = clock.monotonicMs()
  // A stop removes it, so a run that left it behind did not end by itself.
  const announcementFile = `${dataDirectory}/endpoints.json`
  const wasLeft = await disk.exists(announcementFile)

  // Everything durable is a log: the engine locks the directory and recovers first.
  const storage = storageReports(events.report)
  const { store: log, recovery } = await openLogStore({
    directory: dataDirectory,
    ...platform,
    limits: {
      retentionCheckMs: values.logRetentionCheckIntervalMs,
      producerExpirationMs: values.producerIdExpirationMs,
      ...options.limits,
    },
    cleaner: cleanerSettings(values),
    scrub: scrubSettings(values),
    onDamage: storage.onDamage,
    onFailure(error) {
      storage.onFailure(error)
      options.onFailure(error)
    },
  })
  cleanups.add('storage engine', () => log.close())
  cleanups.add('event log', () => {
    events.flush()
    return eventLog.stop()
  })
  reportRecovery(recovery, wasLeft, events.report)
  cleanups.add('storage watch', watchStorage({ log, clock, timers, report: events.report }))
  cleanups.add(
    'compaction settings',
    config.onChange((changed) => log.configureCleaner(cleanerSettings(changed))),
  )
  cleanups.add(
    'scrub settings',
    config.onChange((changed) => log.configureScrubber(scrubSettings(changed))),
  )
  logger.info({ recovery }, 'the storage engine is open')

  // The control plane's state is the fold of the history, and the engine's logs follow it.
  const access = new AccessControl(values)
  const settings = { ...defaultAuditSettings, ...options.audit }
  const auditOptions = { dataDirectory, settings, ...platform }
  const opened = Promise.withResolvers<HistoryTrail>()
  const control = await createControlPlane({
    auditKeyOf: (clusterId) => firstAuditKey(auditOptions, clusterId),
    async openTrail(history) {
      const directory = auditDirectory(dataDirectory)
      const trail = await HistoryTrail.open({ history, directory, ...platform })
      cleanups.add('audit trail', () => trail.stop())
      opened.resolve(trail)
      return trail
    },
    authorizer: (state) => access.follow(state),
    planListeners: (overrides) => plannedListeners(planning, overrides),
    authorizerIn: (state) => new AccessControl(values).follow(state),
    ...{ log, config, nodeId: NODE_ID, ...platform },
    secretKey:
      options.secretsKey === null
        ? secretKeyFile(disk, `${dataDirectory}/secrets.key`, random)
        : givenSecretKey('GLASSLOG_SECRETS_KEY', options.secretsKey),
  })
  eventLog.open(appendToEvents(log))
  cleanups.add('events of the history', reportHistory(control, events.report))
  // What proves the history follows it; it stops after the control plane, so that it signs all of it.
  const audit = await AuditTrail.open(control, await opened.promise, auditOptions)
  cleanups.add('audit service', () => audit.stop())
  cleanups.add('control plane', () => control.stop())
  await recordRestore(control, disk, dataDirectory)
  const backups = await BackupService.open({
    ...{ dataDirectory, control, log, trail: audit.trail, ...platform },
    cosignatureBytes: () => audit.cosignatureBytes,
  })
  cleanups.add('backups', () => backups.stop())
  await recordNotedBackups(control, disk, dataDirectory)

  // Groups load in the background and say so to those who ask too early.
  const groups = createGroupCoordinator({
    store: log,
    control,
    config: groupConfig(values),
    report: events.report,
    ...platform,
  })
  cleanups.add('group coordinator', () => groups.stop())

  const traffic = new TopicTrafficTable()
  const stopForgetting = control.onApplied((state) => {
    for (const { topicId } of traffic.all()) {
      if (!state.topicsById.has(topicId)) traffic.forget(topicId)
    }
  })
  cleanups.add('traffic counters', stopForgetting)

  const { maxClientIds = DEFAULT_MAX_CLIENT_IDS } = options.metrics ?? {}

  // Quotas follow the history too; what was used of them is forgotten with the process.
  const quotas = new Quotas({
    state: control.state,
    clock,
    onHold: (quota, entity, throttleMs) =>
      events.report({ kind: 'quota-throttled', entity, quota, throttleMs }),
  })
  cleanups.add(
    'quotas',
    control.onApplied(() => quotas.follow()),
  )

  // What clients are asked to report follows the history as well.
  const { otlp = null } = options
  const forwarder = otlp?.forwardsClientMetrics
    ? new OtlpForwarder({ post: otlpPost(otlp), ...platform })
    : null
  cleanups.add('client metrics on their way', () => forwarder?.stop())
  const clientMetrics = new ClientMetrics({
    state: control.state,
    maxBytes: () => values.telemetryMaxBytes,
    maxClientIds: () => maxClientIds,
    brokerId: NODE_ID,
    forward: forwarder && ((metricsData) => forwarder.offer(metricsData)),
    ...platform,
  })
  cleanups.add('client metrics', () => clientMetrics.stop())
  cleanups.add(
    'subscriptions of client metrics',
    control.onApplied(() => clientMetrics.follow()),
  )

  const tracing = otlp && (await startTracing(otlp, control.state.clusterId, values, platform))
  cleanups.add('tracing', () => tracing?.stop())
  cleanups.add(
    'tracing settings',
    config.onChange((changed) => tracing?.configure(changed)),
  )
  const services: BrokerServices = {
    log,
    control,
    access,
    quotas,
    groups,
    producerIds: createProducerIds(control),
    fetchSessions: new FetchSessions({
      maxSessions: () => values.maxIncrementalFetchSessionCacheSlots,
      clock,
      random,
    }),
    fetchMemory: new FetchMemory(FETCH_MEMORY_BYTES),
    node: {
      id: NODE_ID,
      rack: options.rack,
      endpoint: ({ listener, localAddress }) => listeners.toldTo(listener, localAddress),
    },
    logDirectory: { path: dataDirectory, space: () => disk.space(dataDirectory) },
    clock,
    timers,
    random,
    logger,
    traffic,
    clientMetrics,
    recordTracing: tracing,
  }
  const maxSockets = connectionsWithin(disk.openFileLimit)
  const server = createKafkaServer({
    // They come when everything else is there, and change with the history.
    listeners: [],
    handlers,
    services,
    ...(tracing ? { tracer: tracing } : {}),
    settings: values,
    maxConnections: maxSockets,
    clock,
    timers,
    logger,
    maxClientIds,
    onEvent(event) {
      logger.debug(loggedEvent(event), 'a connection began or ended')
      observeFailedLogin(event, control)
      const told = brokerEventOf(event)
      if (told) events.report(told)
    },
  })
  const certificateEnds = new Map<string, number>()
  const listeners = new ListenerSet({
    ...planning,
    ...{ server, logger, advertised: options.advertised },
    openSecurity: securityOpener({
      certificateEnds,
      dataDirectory,
      credentials: storedCredentials(control.state, control.secrets),
      report: events.report,
      ...platform,
    }),
    onChange: () => announcement.renew(),
  })

  const metrics = metricsWhenAsked({
    sources: {
      ...{ control, traffic, log, groups, quotas, events, clientMetrics, audit, access },
      clientMetricsForwarder: forwarder,
      tracing,
      requests: server.stats,
      clients: server.clients,
      connections: () => server.connections(),
      maxConnections: () => Math.min(values.maxConnections, maxSockets),
      certificateEnds: () => certificateEnds,
      advertised: () => listeners.first,
      ...{ rack: options.rack, version: options.version ?? 'unknown' },
    },
    settings: options.metrics ?? {},
    clock,
    timers,
    space: () => disk.space(dataDirectory),
  })
  let isReady = false
  const admin = await startAdminServer({
    host,
    port: options.adminPort,
    tlsKeystore: options.adminTlsKeystore,
    hostnames: options.adminHostnames,
    disk,
    report: events.report,
    rootToken: await loadRootToken(disk, `${dataDirectory}/root.token`, random),
    services: {
      broker: services,
      authorizer: access,
      audit,
      backups,
      storage: () => log.stats,
      metrics,
      listeners: () => listeners.views(),
      loginsBy: (mechanism) => server.stats.loginsBy(mechanism),
      connections: () => server.connections(),
      isReady: () => isReady,
    },
  })
  cleanups.add('admin server', () => admin.stop())

  // Clients come last, when all that they can ask for is there; before that certificates and keys.
  await server.start()
  cleanups.add('kafka listeners', async () => {
    // Members that wait for a rebalance are answered, or the listeners would wait for them.
    await Promise.all([server.stop(ANSWER_DEADLINE_MS), groups.stop()])
  })
  cleanups.add('certificates and keys', () => listeners.close())
  await listeners.start(control.state.listeners)
  await groups.start()
  const announcement = new Announcement(disk, announcementFile, logger, () => ({
    kafka: listeners.first,
    admin: admin.url,
  }))
  await announcement.write()
  control.attachListeners(listeners)
  cleanups.add('announcement', () => announcement.remove())
  isReady = true
  const { leaderEpoch } = recovery
  events.report({ kind: 'broker-started', leaderEpoch, tookMs: clock.monotonicMs() - startedMs })
  cleanups.add('readiness', () => {
    isReady = false
    events.report({ kind: 'broker-stopping' })
  })

  return {
    kafka: listeners.first,
    admin,
    stop: () => cleanups.run((name) => logger.debug({ name }, 'stopping')),
  }
}
