import type { Clock, Disk, DiskFile } from '../../../kit/index.ts'
import type { Memory } from '../memory/memory.ts'
import { Queue } from '../queue.ts'
import type {
  JournalDevice,
  JournalDeviceEvents,
  JournalDeviceFactory,
  JournalDeviceStats,
} from './device.ts'
import { FSYNC_BUCKETS_MS } from './device.ts'

interface Write {
  readonly memory: Memory
  readonly start: number
  readonly lengthBytes: number
  readonly slot: number
  readonly position: number
}

/**
 * The journal on a `Disk` port, in this thread: for simulated disks, where every call counts.
 * With a clock it also tells how long syncs took.
 */
export function inlineJournalDevice(disk: Disk, clock?: Clock): JournalDeviceFactory {
  return (events) => new InlineDevice(disk, clock ?? null, events)
}

class InlineDevice implements JournalDevice {
  writtenCount = 0
  durableCount = 0
  readonly stats = {
    fsyncCount: 0,
    fsyncSumMs: 0,
    fsyncBuckets: new Array<number>(FSYNC_BUCKETS_MS.length + 1).fill(0),
    writeCount: 0,
    writtenBytes: 0,
  } satisfies JournalDeviceStats
  readonly #disk: Disk
  readonly #clock: Clock | null
  readonly #events: JournalDeviceEvents
  readonly #paths = new Map<number, string>()
  readonly #queue = new Queue<Write>()
  #running: Promise<void> | undefined
  #file: { readonly slot: number; readonly file: DiskFile } | undefined
  #stopped = false

  constructor(disk: Disk, clock: Clock | null, events: JournalDeviceEvents) {
    this.#disk = disk
    this.#clock = clock
    this.#events = events
  }

  addMemory(): void {}

  removeMemory(): void {}

  setFile(slot: number, path: string): void {
    this.#paths.set(slot, path)
  }

  write(memory: Memory, start: number, lengthBytes: number, slot: number, position: number): void {
    this.#queue.push({ memory, start, lengthBytes, slot, position })
    if (!this.#running) this.#running = this.#run()
  }

  /** Every step is announced here. */
  wantWritten(): void {}

  async close(): Promise<void> {
    this.#stopped = true
    await this.#running
    await this.#file?.file.close()
    this.#file = undefined
  }

  async #run(): Promise<void> {
    // Lets everything that is appended in the same turn share the write and the sync.
    await Promise.resolve()
    try {
      while (this.#queue.size > 0 && !this.#stopped) await this.#writeAndSync()
    } catch (cause) {
      const failure = new Error('journal write or sync failed', { cause })
      if (!this.#stopped) this.#events.onFailure(failure)
      this.#stopped = true
    } finally {
      this.#running = undefined
    }
  }

  async #writeAndSync(): Promise<void> {
    const first = this.#queue.at(0)
    if (first === undefined) return
    const file = await this.#open(first.slot)
    let count = 0
    for (let next = this.#queue.at(0); next?.slot === first.slot; next = this.#queue.at(0)) {
      const run = this.#takeRun(first.slot)
      const bytes = next.memory.bytes.subarray(next.start, next.start + run.lengthBytes)
      await file.write([bytes], next.position)
      count += run.count
      this.stats.writeCount++
      this.stats.writtenBytes += run.lengthBytes
    }
    this.writtenCount += count
    this.#events.onProgress()
    const beganMs = this.#clock?.monotonicMs()
    await file.sync()
    this.stats.fsyncCount++
    if (this.#clock && beganMs !== undefined) this.#countSync(this.#clock.monotonicMs() - beganMs)
    this.durableCount = this.writtenCount
    this.#events.onProgress()
  }

  #countSync(tookMs: number): void {
    this.stats.fsyncSumMs += tookMs
    const bound = FSYNC_BUCKETS_MS.findIndex((upperMs) => tookMs <= upperMs)
    const bucket = bound < 0 ? FSYNC_BUCKETS_MS.length : bound
    this.stats.fsyncBuckets[bucket] = (this.stats.fsyncBuckets[bucket] ?? 0) + 1
  }

  /** Takes the longest run of writes that are neighbours both in memory and in the file. */
  #takeRun(slot: number): { readonly count: number; readonly lengthBytes: number } {
    let count = 0
    let lengthBytes = 0
    const first = this.#queue.at(0)
    for (let next = first; first && next; next = this.#queue.at(0)) {
      const isNeighbour =
        next.slot === slot &&
        next.memory === first.memory &&
        next.start === first.start + lengthBytes &&
        next.position === first.position + lengthBytes
      if (!isNeighbour) break
      this.#queue.shift()
      count++
      lengthBytes += next.lengthBytes
    }
    return { count, lengthBytes }
  }

  async #open(slot: number): Promise<DiskFile> {
    if (this.#file?.slot === slot) return this.#file.file
    await this.#file?.file.close()
    this.#file = undefined
    const path = this.#paths.get(slot)
    if (path === undefined) throw new Error(`no journal file in slot ${slot}`)
    const file = await this.#disk.open(path, 'write')
    this.#file = { slot, file }
    return file
  }
}
