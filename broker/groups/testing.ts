import { seededRandom, silentLogger } from '../../kit/index.ts'
import type { SimDisk, SimTime } from '../../kit/testing.ts'
import { createSimDisk, createSimTime } from '../../kit/testing.ts'
import type { ErrorName } from '../../protocol/index.ts'
import { encodeBatch } from '../../protocol/index.ts'
import type { BrokerConfig, ControlPlane } from '../control/index.ts'
import {
  createBrokerConfig,
  createControlPlane,
  secretKeyFile,
  systemActor,
} from '../control/index.ts'
import type { BrokerEvent } from '../events/index.ts'
import type { LogStore, PartitionLog } from '../log/index.ts'
import { inlineJournalDevice, openLogStore } from '../log/index.ts'
import { createGroupCoordinator } from './coordinator.ts'
import type { fixedGroupConfig } from './group-config.ts'
import { groupConfig } from './group-config.ts'
import { OFFSETS_TOPIC_NAME } from './offsets-topic.ts'
import { partitionFor } from './partition-for.ts'
import type { GroupCoordinator } from './port.ts'
import type { CoordinatorRecord, EncodedRecord } from './records/coordinator-record.ts'
import { encodeRecord } from './records/coordinator-record.ts'
import { loadRecords } from './shard/shard-loader.ts'

export interface WorldOptions {
  /** Broker configs under Kafka's names. */
  readonly configs?: Readonly<Record<string, string>>
  /** Bounds that no config sets. */
  readonly limits?: Partial<Record<keyof typeof fixedGroupConfig, number>>
  /** Topics that exist from the start, with their numbers of partitions. */
  readonly topics?: Readonly<Record<string, number>>
  readonly seed?: number
}

interface Life {
  readonly store: LogStore
  readonly config: BrokerConfig
  readonly control: ControlPlane & { stop(): Promise<void> }
  readonly groups: GroupCoordinator
}

/** Enough for what these tests write, and little to allocate for each of them. */
const SMALL_STORE = {
  chunkBytes: 64 * 1024,
  hotWindowBytes: 4 * 1024 * 1024,
  hotWindowReserveBytes: 512 * 1024,
  journalFileBytes: 512 * 1024,
  journalMaxFiles: 4,
}

/** A group coordinator with all that it stands on, on a simulated disk and in simulated time. */
export class GroupWorld {
  readonly time: SimTime
  disk: SimDisk
  /** What operators were told. */
  readonly events: BrokerEvent[] = []
  readonly #options: WorldOptions
  #life: Life | undefined

  private constructor(options: WorldOptions) {
    this.#options = options
    this.time = createSimTime()
    this.disk = createSimDisk({ timers: this.time.timers, seed: options.seed ?? 1 })
  }

  static async open(options: WorldOptions = {}): Promise<GroupWorld> {
    const world = new GroupWorld(options)
    await world.start()
    for (const [name, partitions] of Object.entries(options.topics ?? { t: 8, u: 8 })) {
      await world.createTopic(name, partitions)
    }
    return world
  }

  get groups(): GroupCoordinator {
    return this.#alive.groups
  }

  get control(): ControlPlane {
    return this.#alive.control
  }

  /** As DeleteGroups and OffsetDelete do: by commands of the control plane. */
  async deleteGroup(groupId: string): Promise<ErrorName> {
    const [outcome] = await this.control.execute([{ kind: 'group.delete', groupId }], systemActor)
    return outcome?.error ?? 'UNKNOWN_SERVER_ERROR'
  }

  async deleteOffsets(
    groupId: string,
    ...topics: readonly string[]
  ): Promise<readonly ErrorName[]> {
    const commands = topics.map(
      (topic) => ({ kind: 'group.offsets.delete', groupId, topic, partitions: [0, 1] }) as const,
    )
    const outcomes = await this.control.execute(commands, systemActor)
    return outcomes.map(({ error }) => error)
  }

  get store(): LogStore {
    return this.#alive.store
  }

  /** Starts on what is on the disk, with other configs if there are any. */
  async start(configs = this.#options.configs ?? {}): Promise<void> {
    const { clock, timers } = this.time
    const random = seededRandom(this.#options.seed ?? 1)
    const config = createBrokerConfig({ overrides: configs })
    const platform = { clock, timers, random, logger: silentLogger }
    const { store } = await this.finish(
      openLogStore({
        directory: '/data',
        disk: this.disk,
        journalDevice: inlineJournalDevice(this.disk),
        limits: SMALL_STORE,
        ...platform,
      }),
    )
    const control = await this.finish(
      createControlPlane({
        ...{ log: store, config, nodeId: 0, ...platform },
        secretKey: secretKeyFile(this.disk, '/data/secrets.key', seededRandom(99)),
      }),
    )
    this.#life = { store, config, control, groups: this.#coordinator(store, config, control) }
    await this.finish(this.groups.start())
  }

  async stop(): Promise<void> {
    const { store, control, groups } = this.#alive
    await this.finish(groups.stop())
    await this.finish(control.stop())
    await this.finish(store.close())
    this.#life = undefined
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  /** The machine loses power, and starts on one of the things that its disk may hold then. */
  async crash(seed: number): Promise<void> {
    const choices = this.disk.crashChoices(64, seed)
    const choice = choices[seed % choices.length]
    if (!choice) throw new Error('a crash has some outcome')
    this.disk.stop()
    this.disk = this.disk.afterCrash(choice, { timers: this.time.timers, seed })
    await this.start()
  }

  /** A second coordinator on the same store, not started. */
  anotherCoordinator(): GroupCoordinator {
    const { store, config, control } = this.#alive
    return this.#coordinator(store, config, control)
  }

  /** Runs simulated time, as little of it as need be, until `work` is done. */
  async finish<T>(work: Promise<T>): Promise<T> {
    let isDone = false
    const watched = work.finally(() => {
      isDone = true
    })
    for (let round = 0; round < 1_000 && !isDone; round++) {
      await this.time.advance(round < 100 ? 0 : round < 300 ? 1 : 100)
    }
    if (!isDone) throw new Error('this is never done')
    return watched
  }

  /** Lets everything that was asked be answered, as far as it does not wait for members. */
  async quiesce(): Promise<void> {
    for (let round = 0; round < 50; round++) await this.time.advance(0)
  }

  /** From now on every write and sync of the disk takes this long. */
  slowDisk(delayMs: number): void {
    this.disk.plan = ({ kind }) =>
      kind === 'write' || kind === 'sync' ? { kind: 'proceed', delayMs } : { kind: 'proceed' }
  }

  failDisk(): void {
    this.disk.plan = ({ kind }) =>
      kind === 'write' || kind === 'sync' ? { kind: 'error', code: 'EIO' } : { kind: 'proceed' }
  }

  mendDisk(): void {
    this.disk.plan = () => ({ kind: 'proceed' })
  }

  /** Everything in `__consumer_offsets`, partition by partition. */
  async records(): Promise<readonly CoordinatorRecord[]> {
    const records: CoordinatorRecord[] = []
    for (const log of this.#offsetsLogs()) {
      await this.finish(loadRecords(this.store, log, (record) => records.push(record)))
    }
    return records
  }

  /** Writes to `__consumer_offsets` behind the coordinator's back, as another coordinator would. */
  async write(records: readonly CoordinatorRecord[]): Promise<void> {
    for (const record of records) await this.writeRaw(record.groupId, encodeRecord(record))
  }

  async writeRaw(groupId: string, record: EncodedRecord): Promise<void> {
    const logs = this.#offsetsLogs()
    const log = logs[partitionFor(groupId, logs.length)]
    if (!log) throw new Error(`there is no ${OFFSETS_TOPIC_NAME}`)
    const batch = encodeBatch([{ timestampMs: this.time.clock.now(), ...record }])
    await this.finish(this.store.append([{ log, batch }], { acks: 'durable' }))
  }

  async createTopic(name: string, partitionCount: number): Promise<void> {
    await this.finish(
      this.control.execute(
        [
          {
            kind: 'topic.create',
            name,
            partitionCount,
            replicationFactor: 1,
            assignments: [],
            configs: [],
          },
        ],
        systemActor,
      ),
    )
  }

  async deleteTopic(name: string): Promise<void> {
    await this.finish(this.control.execute([{ kind: 'topic.delete', name }], systemActor))
  }

  #coordinator(store: LogStore, config: BrokerConfig, control: ControlPlane): GroupCoordinator {
    const settings = groupConfig(config.values)
    for (const [name, value] of Object.entries(this.#options.limits ?? {})) {
      Object.defineProperty(settings, name, { value })
    }
    const { clock, timers } = this.time
    const random = seededRandom(this.#options.seed ?? 1)
    return createGroupCoordinator({
      store,
      control,
      config: settings,
      clock,
      timers,
      random,
      logger: silentLogger,
      report: (event) => this.events.push(event),
    })
  }

  #offsetsLogs(): PartitionLog[] {
    const topic = this.control.state.topics.get(OFFSETS_TOPIC_NAME)
    return Array.from({ length: topic?.partitionCount ?? 0 }, (_, partition) => {
      const log = topic && this.store.find(topic.id, partition)
      if (!log) throw new Error(`no partition ${partition} of ${OFFSETS_TOPIC_NAME}`)
      return log
    })
  }

  get #alive(): Life {
    if (!this.#life) throw new Error('the world has stopped')
    return this.#life
  }
}
