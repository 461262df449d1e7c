import type { Logger } from '../../kit/index.ts'
import { seededRandom, silentLogger } from '../../kit/index.ts'
import type { CrashChoice, SimDisk, SimDiskOptions, SimTime } from '../../kit/testing.ts'
import { createSimDisk, createSimTime } from '../../kit/testing.ts'
import type { LogStoreUnderTest } from './contract.ts'
import { inlineJournalDevice } from './journal/inline-device.ts'
import type { OpenedLogStore } from './open-log-store.ts'
import { openLogStore } from './open-log-store.ts'
import type { LogStoreLimits } from './options.ts'

/** Small enough that a short test fills chunks, journal files and segments. */
export const SMALL_LIMITS: Partial<LogStoreLimits> = {
  chunkBytes: 32 * 1024,
  hotWindowBytes: 256 * 1024,
  hotWindowReserveBytes: 32 * 1024,
  journalFileBytes: 128 * 1024,
  journalMaxFiles: 6,
  indexIntervalBytes: 512,
  readChunkBytes: 2048,
  flushWriteBytes: 8 * 1024,
  flushSyncBytes: 16 * 1024,
  minFreeBytes: 1024 * 1024,
}

export interface SimulatedOptions {
  readonly limits?: Partial<LogStoreLimits>
  readonly logger?: Logger
  /** What is taken for cached, see `Disk.pageCacheBytes`. */
  readonly pageCacheBytes?: number
}

/** The engine on a simulated disk in simulated time. */
export class SimulatedLogStore implements LogStoreUnderTest {
  readonly time: SimTime
  readonly #options: SimulatedOptions
  #isOpen = true
  disk: SimDisk
  opened: OpenedLogStore
  /** What the engine told when it gave up. */
  failure: Error | undefined

  private constructor(
    time: SimTime,
    disk: SimDisk,
    opened: OpenedLogStore,
    options: SimulatedOptions,
  ) {
    this.time = time
    this.disk = disk
    this.opened = opened
    this.#options = options
  }

  static async create(options: SimulatedOptions = {}): Promise<SimulatedLogStore> {
    const time = createSimTime()
    const disk = createSimDisk({ ...cacheOf(options), seed: 1, timers: time.timers })
    let world: SimulatedLogStore | undefined
    const opened = await openOn(disk, time, options, (error) => {
      if (world !== undefined) world.failure = error
    })
    world = new SimulatedLogStore(time, disk, opened, options)
    return world
  }

  get store(): OpenedLogStore['store'] {
    return this.opened.store
  }

  now(): number {
    return this.time.clock.now()
  }

  advance(durationMs: number): Promise<void> {
    return this.time.advance(durationMs)
  }

  async restart(): Promise<void> {
    await this.store.close()
    await this.open()
  }

  /** Opens the store on the disk as it is. */
  async open(): Promise<void> {
    this.#isOpen = false
    this.opened = await openOn(this.disk, this.time, this.#options, (error) => {
      this.failure = error
    })
    this.#isOpen = true
  }

  async crash(choice: CrashChoice = { kind: 'nothing' }): Promise<void> {
    this.disk.stop()
    const disk = { ...cacheOf(this.#options), seed: 2, timers: this.time.timers }
    this.disk = this.disk.afterCrash(choice, disk)
    await this.open()
  }

  async dispose(): Promise<void> {
    if (this.#isOpen) await this.store.close()
  }
}

function cacheOf({ pageCacheBytes }: SimulatedOptions): Pick<SimDiskOptions, 'pageCacheBytes'> {
  return pageCacheBytes === undefined ? {} : { pageCacheBytes }
}

function openOn(
  disk: SimDisk,
  time: SimTime,
  options: SimulatedOptions,
  onFailure: (error: Error) => void,
): Promise<OpenedLogStore> {
  return openLogStore({
    directory: '/data',
    disk,
    clock: time.clock,
    timers: time.timers,
    random: seededRandom(1),
    logger: options.logger ?? silentLogger,
    journalDevice: inlineJournalDevice(disk),
    limits: { ...SMALL_LIMITS, ...options.limits },
    onFailure,
  })
}
