import type { Actor, Topic } from '../../broker/control/index.ts'
import {
  createBrokerConfig,
  createControlPlane,
  secretKeyFile,
} from '../../broker/control/index.ts'
import { createGroupCoordinator, groupConfig } from '../../broker/groups/index.ts'
import type { BrokerServices } from '../../broker/handlers/index.ts'
import {
  createProducerIds,
  FetchMemory,
  FetchSessions,
  handlers,
  TopicTrafficTable,
} from '../../broker/handlers/index.ts'
import type { LogStore, LogStoreLimits } from '../../broker/log/index.ts'
import { inlineJournalDevice, openLogStore } from '../../broker/log/index.ts'
import type { KafkaServer } from '../../broker/network/index.ts'
import { createKafkaServer } from '../../broker/network/index.ts'
import { AccessControl } from '../../broker/security/index.ts'
import type { Uuid } from '../../kit/index.ts'
import { seededRandom, silentLogger } from '../../kit/index.ts'
import type { SimDisk, SimTime } from '../../kit/testing.ts'
import { createSimDisk, createSimTime } from '../../kit/testing.ts'
import type { RawClient } from './client.ts'
import { connectRaw } from './client.ts'

export interface TestBrokerOptions {
  /** Kafka's broker configs, by their names. */
  readonly configs?: Readonly<Record<string, string>>
  readonly limits?: Partial<LogStoreLimits>
  readonly disk?: SimDisk
  readonly fetchMemoryBytes?: number
}

/** The broker as clients see it, on a simulated disk and in simulated time, with its parts in reach. */
export interface TestBroker {
  readonly services: BrokerServices
  readonly server: KafkaServer
  readonly store: LogStore
  readonly disk: SimDisk
  readonly time: SimTime
  readonly port: number
  /** A client whose connection is closed with the broker. */
  connect(): Promise<RawClient>
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
  const { store } = await openLogStore({
    directory: DATA_DIRECTORY,
    journalDevice: inlineJournalDevice(disk),
    ...platform,
    limits: { ...SMALL, ...options.limits },
    onFailure: () => {},
  })
  const access = new AccessControl(values)
  const control = await createControlPlane({
    authorizer: (state) => access.follow(state),
    ...{ log: store, config, nodeId: 1, ...platform },
    secretKey: secretKeyFile(disk, `${DATA_DIRECTORY}/secrets.key`, seededRandom(99)),
  })
  const groups = createGroupCoordinator({
    store,
    control,
    config: groupConfig(values),
    ...platform,
  })
  const services: BrokerServices = {
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
    ...platform,
  }
  const server = createKafkaServer({
    listeners: [{ name: LISTENER, host: '127.0.0.1', port: 0 }],
    handlers,
    services,
    settings: values,
    ...platform,
  })
  await server.start()
  await groups.start()
  const { port } = server.boundTo(LISTENER)
  const clients: RawClient[] = []
  return {
    services,
    server,
    store,
    disk,
    time,
    port,
    async connect() {
      const client = await connectRaw(port)
      clients.push(client)
      return client
    },
    createTopic: (name, topic) => createTopic(services, name, topic),
    stop() {
      return inTime(time, async () => {
        for (const client of clients) await client.close()
        await server.stop(0)
        await groups.stop()
        await control.stop()
        await store.close()
      })
    },
  }
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
