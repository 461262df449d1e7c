import { ClientMetrics } from '../../broker/client-metrics/index.ts'
import type { Actor, Topic } from '../../broker/control/index.ts'
import {
  createBrokerConfig,
  createControlPlane,
  secretKeyFile,
} from '../../broker/control/index.ts'
import type { EventLog, EventReporter, EventSink } from '../../broker/events/index.ts'
import { createGroupCoordinator, groupConfig } from '../../broker/groups/index.ts'
import type { BrokerServices, RecordTracing, RequestTracer } from '../../broker/handlers/index.ts'
import {
  createProducerIds,
  FetchMemory,
  FetchSessions,
  handlers,
  TopicTrafficTable,
} from '../../broker/handlers/index.ts'
import type { LogStoreLimits, OpenedLogStore } from '../../broker/log/index.ts'
import { inlineJournalDevice, openLogStore } from '../../broker/log/index.ts'
import type { KafkaServer } from '../../broker/network/index.ts'
import { createKafkaServer } from '../../broker/network/index.ts'
import { Quotas } from '../../broker/quotas/index.ts'
import type { SaslTerms } from '../../broker/security/index.ts'
import {
  AccessControl,
  DecoyKeys,
  keysOfPassword,
  MIN_ITERATIONS,
  PlainServer,
  ScramServer,
  storedCredentials,
  WorkQueue,
} from '../../broker/security/index.ts'
import {
  appendToEvents,
  brokerEventOf,
  createEvents,
  observeFailedLogin,
  reportHistory,
  storageReports,
  watchStorage,
} from '../../broker/testing.ts'
import type { Uuid } from '../../kit/index.ts'
import { seededRandom, silentLogger } from '../../kit/index.ts'
import type { SimDisk, SimTime } from '../../kit/testing.ts'
import { createSimDisk, createSimTime } from '../../kit/testing.ts'
import {
  SaslAuthenticateRequest,
  SaslAuthenticateResponse,
  SaslHandshakeRequest,
  SaslHandshakeResponse,
} from '../../protocol/index.ts'
import type { RawClient } from './client.ts'
import { connectRaw } from './client.ts'

export interface TestBrokerOptions {
  /** Kafka's broker configs, by their names. */
  readonly configs?: Readonly<Record<string, string>>
  readonly limits?: Partial<LogStoreLimits>
  readonly disk?: SimDisk
  readonly fetchMemoryBytes?: number
  /** What follows requests and records, in the broker's time. */
  readonly tracing?: (time: SimTime) => RequestTracer & RecordTracing
  /** Told of each report of events. */
  readonly onEvent?: EventSink
}

/** The broker as clients see it, on a simulated disk and in simulated time, with its parts in reach. */
export interface TestBroker {
  readonly services: BrokerServices
  readonly server: KafkaServer
  readonly store: OpenedLogStore['store']
  readonly events: EventReporter
  readonly eventLog: EventLog
  readonly disk: SimDisk
  readonly time: SimTime
  readonly port: number
  /** A client whose connection is closed with the broker. */
  connect(): Promise<RawClient>
  /** One that has logged in. Its user is made when there is none; the password is the name. */
  connectAs(user: string): Promise<RawClient>
  /** One that logs in by the listener for that, in its own way. */
  connectToLogIn(): Promise<RawClient>
  /** Creates a topic as an administrator would; throws when it is refused. */
  createTopic(name: string, options?: TopicOptions): Promise<Topic>
  stop(): Promise<void>
}

interface TopicOptions {
  readonly partitions?: number
  readonly configs?: Readonly<Record<string, string>>
}

const DATA_DIRECTORY = '/data'
const LISTENER = 'PLAINTEXT'
const LOGIN_LISTENER = 'SASL_PLAINTEXT'

/** The principal of what tests do by themselves. */
export const TEST_ACTOR: Actor = {
  principal: 'User:test',
  mechanism: 'none',
  door: 'system',
  source: { ip: '127.0.0.1', listener: 'test' },
}

/** An id that no topic has. */
export const NO_TOPIC_ID: Uuid = 'AAAAAAAAAAAAAAAAAAAAAQ'

const SMALL: Partial<LogStoreLimits> = {
  hotWindowBytes: 64 * 1024 * 1024,
  journalFileBytes: 1024 * 1024,
  journalMaxFiles: 3,
}

export async function startTestBroker(options: TestBrokerOptions = {}): Promise<TestBroker> {
  const time = createSimTime()
  const random = seededRandom(1)
  const disk = options.disk ?? createSimDisk({ timers: time.timers })
  const platform = { disk, random, logger: silentLogger, ...time }
  const config = createBrokerConfig({ overrides: options.configs ?? {} })
  const { values } = config
  const { events, eventLog } = createEvents({
    ...platform,
    sinks: options.onEvent ? [options.onEvent] : [],
  })
  const { store } = await openLogStore({
    directory: DATA_DIRECTORY,
    journalDevice: inlineJournalDevice(disk),
    ...platform,
    limits: { ...SMALL, ...options.limits },
    ...storageReports(events.report),
  })
  const access = new AccessControl(values)
  const control = await createControlPlane({
    authorizer: (state) => access.follow(state),
    ...{ log: store, config, nodeId: 1, ...platform },
    secretKey: secretKeyFile(disk, `${DATA_DIRECTORY}/secrets.key`, seededRandom(99)),
  })
  eventLog.open(appendToEvents(store))
  const stopReporting = [
    reportHistory(control, events.report),
    watchStorage({ log: store, ...time, report: events.report }),
  ]
  const groups = createGroupCoordinator({
    store,
    control,
    report: events.report,
    config: groupConfig(values),
    ...platform,
  })
  const quotas = new Quotas({
    state: control.state,
    clock: time.clock,
    onHold: (quota, entity, throttleMs) =>
      events.report({ kind: 'quota-throttled', entity, quota, throttleMs }),
  })
  control.onApplied(() => quotas.follow())
  const clientMetrics = new ClientMetrics({
    ...{ state: control.state, brokerId: 1, forward: null, maxClientIds: () => 200 },
    maxBytes: () => values.telemetryMaxBytes,
    ...platform,
  })
  control.onApplied(() => clientMetrics.follow())
  const tracing = options.tracing?.(time)
  const services: BrokerServices = {
    quotas,
    log: store,
    control,
    access,
    groups,
    producerIds: createProducerIds(control),
    fetchSessions: new FetchSessions({
      maxSessions: () => values.maxIncrementalFetchSessionCacheSlots,
      clock: time.clock,
      random,
    }),
    fetchMemory: new FetchMemory(options.fetchMemoryBytes ?? 64 * 1024 * 1024),
    node: { id: 1, rack: 'rack-1', endpoint: ({ listener }) => server.boundTo(listener) },
    logDirectory: { path: DATA_DIRECTORY, space: () => disk.space(DATA_DIRECTORY) },
    traffic: new TopicTrafficTable(),
    clientMetrics,
    recordTracing: tracing ?? null,
    ...platform,
  }
  const server = createKafkaServer({
    listeners: [
      { name: LISTENER, host: '127.0.0.1', port: 0 },
      {
        name: LOGIN_LISTENER,
        host: '127.0.0.1',
        port: 0,
        security: { protocol: 'SASL_PLAINTEXT', tls: null, sasl: saslTerms(services) },
      },
    ],
    handlers,
    services,
    settings: values,
    ...(tracing ? { tracer: tracing } : {}),
    ...platform,
    onEvent(event) {
      observeFailedLogin(event, control)
      const told = brokerEventOf(event)
      if (told) events.report(told)
    },
  })
  await server.start()
  await groups.start()
  const { port } = server.boundTo(LISTENER)
  const clients: RawClient[] = []
  const connect = async (listener: string): Promise<RawClient> => {
    const client = await connectRaw(server.boundTo(listener).port)
    clients.push(client)
    return client
  }
  return {
    services,
    server,
    store,
    events,
    eventLog,
    disk,
    time,
    port,
    connect: () => connect(LISTENER),
    connectToLogIn: () => connect(LOGIN_LISTENER),
    async connectAs(user) {
      if (!control.state.users.has(user)) await createUser(services, user)
      const client = await connect(LOGIN_LISTENER)
      await logIn(client, user)
      return client
    },
    createTopic: (name, topic) => createTopic(services, name, topic),
    stop() {
      return inTime(time, async () => {
        for (const client of clients) await client.close()
        await server.stop(0)
        await groups.stop()
        clientMetrics.stop()
        await control.stop()
        for (const stop of stopReporting) stop()
        events.stop()
        await eventLog.stop()
        await store.close()
      })
    },
  }
}

function saslTerms({ control, clock, random }: BrokerServices): SaslTerms {
  const credentials = storedCredentials(control.state, control.secrets)
  const decoys = new DecoyKeys(Buffer.alloc(32))
  const derivations = new WorkQueue(2)
  return {
    mechanisms: ['PLAIN', 'SCRAM-SHA-256'],
    maxReauthMs: control.config.values.connectionsMaxReauthMs,
    now: () => clock.now(),
    begin: (mechanism) =>
      mechanism === 'PLAIN'
        ? new PlainServer({ credentials, decoys, derivations })
        : new ScramServer('SCRAM-SHA-256', { credentials, decoys, clock, random, derivations }),
  }
}

async function createUser({ control }: BrokerServices, name: string): Promise<void> {
  const mechanism = 'SCRAM-SHA-256'
  const keys = await keysOfPassword(mechanism, name, Buffer.from('salt'), MIN_ITERATIONS)
  await control.execute([{ kind: 'user.scram.upsert', name, mechanism, ...keys }], TEST_ACTOR)
}

async function logIn(client: RawClient, user: string): Promise<void> {
  await client.send(SaslHandshakeRequest, SaslHandshakeResponse, 1, { mechanism: 'PLAIN' })
  const authBytes = Buffer.from(`\0${user}\0${user}`)
  const answer = await client.send(SaslAuthenticateRequest, SaslAuthenticateResponse, 2, {
    authBytes,
  })
  if (answer.errorCode !== 0) throw new Error(`${user} could not log in: ${answer.errorMessage}`)
}

/** Does something that may take simulated time, such as a last flush. */
async function inTime(time: SimTime, work: () => Promise<void>): Promise<void> {
  let isDone = false
  const done = work().finally(() => {
    isDone = true
  })
  while (!isDone) {
    await new Promise((resolve) => setImmediate(resolve))
    await time.advance(100)
  }
  await done
}

async function createTopic(
  { control }: BrokerServices,
  name: string,
  { partitions = 1, configs = {} }: TopicOptions = {},
): Promise<Topic> {
  const [outcome] = await control.execute(
    [
      {
        kind: 'topic.create',
        name,
        partitionCount: partitions,
        replicationFactor: 1,
        assignments: [],
        configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
      },
    ],
    TEST_ACTOR,
  )
  if (!outcome?.after) throw new Error(`${name}: ${outcome?.error} ${outcome?.message}`)
  return outcome.after
}
