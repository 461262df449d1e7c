import type { HistoryRecord } from '../../audit/index.ts'
import type { Logger } from '../../kit/index.ts'
import { seededRandom, silentLogger } from '../../kit/index.ts'
import type { SimDisk, SimTime } from '../../kit/testing.ts'
import { createSimDisk, createSimTime } from '../../kit/testing.ts'
import type { LogStore, LogStoreLimits } from '../log/index.ts'
import { inlineJournalDevice, openLogStore } from '../log/index.ts'
import type { Authorizer } from './access.ts'
import type { Actor } from './actor.ts'
import { createBrokerConfig } from './broker-config.ts'
import type { Command } from './commands.ts'
import { createControlPlane } from './control-plane.ts'
import type { PlanListeners } from './listeners.ts'
import type { ClusterState, ControlPlane, Outcome } from './port.ts'
import { secretKeyFile } from './secrets/secret-key.ts'

export const alice: Actor = {
  principal: 'User:alice',
  mechanism: 'none',
  door: 'kafka',
  source: { ip: '127.0.0.1', listener: 'PLAINTEXT', clientId: 'admin-1' },
}

export interface ControlWorldOptions {
  readonly disk?: SimDisk
  readonly overrides?: Readonly<Record<string, string>>
  readonly seed?: number
  readonly logger?: Logger
  readonly authorizer?: (state: ClusterState) => Authorizer
  readonly authorizerIn?: (state: ClusterState) => Authorizer
  readonly planListeners?: PlanListeners
}

const KIB = 1024

/** Journal files are written with zeros before their first use, which takes time on a simulated disk. */
const SMALL = {
  chunkBytes: 128 * KIB,
  hotWindowBytes: 4096 * KIB,
  hotWindowReserveBytes: 512 * KIB,
  journalFileBytes: 1024 * KIB,
  journalMaxFiles: 4,
}

/** A control plane with the storage engine that it stands on, on a simulated disk and in simulated time. */
export class ControlWorld {
  readonly disk: SimDisk
  readonly time: SimTime
  readonly store: LogStore
  readonly control: ControlPlane

  private constructor(disk: SimDisk, time: SimTime, store: LogStore, control: ControlPlane) {
    this.disk = disk
    this.time = time
    this.store = store
    this.control = control
  }

  static async open(options: ControlWorldOptions = {}): Promise<ControlWorld> {
    const time = createSimTime()
    const disk = options.disk ?? createSimDisk({ timers: time.timers })
    const config = createBrokerConfig({ overrides: options.overrides ?? {} })
    const store = await openTestStore(disk, time, {
      retentionCheckMs: config.values.logRetentionCheckIntervalMs,
      producerExpirationMs: config.values.producerIdExpirationMs,
    })
    const control = await createControlPlane({
      log: store,
      config,
      nodeId: 1,
      secretKey: secretKeyFile(disk, '/data/secrets.key', seededRandom(99)),
      ...(options.authorizer ? { authorizer: options.authorizer } : {}),
      ...(options.authorizerIn ? { authorizerIn: options.authorizerIn } : {}),
      ...(options.planListeners ? { planListeners: options.planListeners } : {}),
      clock: time.clock,
      timers: time.timers,
      random: seededRandom(options.seed ?? 1),
      logger: options.logger ?? silentLogger,
    })
    return new ControlWorld(disk, time, store, control)
  }

  /** Runs one command as Alice. */
  async run<C extends Command>(command: C): Promise<Outcome<C>> {
    const [outcome] = await this.control.execute([command], alice)
    if (!outcome) throw new Error('a command without an outcome')
    return outcome
  }

  async stop(): Promise<void> {
    await this.control.stop()
    await this.store.close()
  }

  /** Stops, and starts again on the same disk. */
  async restart(options: Omit<ControlWorldOptions, 'disk'> = {}): Promise<ControlWorld> {
    await this.stop()
    return ControlWorld.open({ ...options, seed: (options.seed ?? 1) + 1, disk: this.disk })
  }
}

export async function openTestStore(
  disk: SimDisk,
  time: SimTime,
  limits: Partial<LogStoreLimits> = {},
): Promise<LogStore> {
  const { store } = await openLogStore({
    directory: '/data',
    disk,
    journalDevice: inlineJournalDevice(disk),
    clock: time.clock,
    timers: time.timers,
    logger: silentLogger,
    limits: { ...SMALL, ...limits },
  })
  return store
}

/** All records of the history. */
export async function recordsOf(world: ControlWorld): Promise<readonly HistoryRecord[]> {
  const { history } = world.control
  const records: HistoryRecord[] = []
  while (records.length < history.nextSeq) {
    const entries = await history.read(records.length, 1000)
    records.push(...entries.map(({ record }) => record))
  }
  return records
}

/** A topic.create as most tests want it. */
export function createTopic(
  name: string,
  changes: Partial<Command & { kind: 'topic.create' }> = {},
) {
  return {
    kind: 'topic.create',
    name,
    partitionCount: 1,
    replicationFactor: 1,
    assignments: [],
    configs: [],
    ...changes,
  } as const satisfies Command
}

/** All of a state that is the fold's, as one comparable value. */
export function snapshotOf(state: ClusterState): unknown {
  const byKey = <Value>(map: ReadonlyMap<string | number, Value>): unknown =>
    [...map].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
  return {
    clusterId: state.clusterId,
    seq: state.seq,
    topics: byKey(state.topics),
    topicsById: byKey(state.topicsById),
    partitionCount: state.partitionCount,
    brokerConfigs: byKey(state.brokerConfigs),
    nextProducerId: state.nextProducerId,
    openPurges: byKey(state.openPurges),
    deletedTopics: byKey(state.deletedTopics),
    users: byKey(state.users),
    acls: byKey(state.acls),
    quotas: byKey(state.quotas),
    accounts: byKey(state.accounts),
    roles: byKey(state.roles),
    tokens: byKey(state.tokens),
    delegationTokens: byKey(state.delegationTokens),
    listeners: byKey(state.listeners),
    diskCapacityBytes: state.diskCapacityBytes,
    diskPolicy: state.diskPolicy,
    auditKey: state.auditKey,
    ruleGroups: byKey(state.ruleGroups),
    contactPoints: byKey(state.contactPoints),
    notificationPolicy: state.notificationPolicy,
    outboxes: byKey(state.outboxes),
  }
}
