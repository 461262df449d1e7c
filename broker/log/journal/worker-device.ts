import { Worker } from 'node:worker_threads'
import type { Memory } from '../memory/memory.ts'
import { Queue } from '../queue.ts'
import type {
  JournalDevice,
  JournalDeviceEvents,
  JournalDeviceFactory,
  JournalDeviceStats,
} from './device.ts'
import { FSYNC_BUCKETS_MS } from './device.ts'
import type { WorkerNews, WorkerSetup, WriterMessage } from './worker-protocol.ts'
import { CONTROL, CONTROL_LENGTH, RING_CAPACITY, RING_STRIDE, STATS } from './worker-protocol.ts'

/** The journal on threads of its own, writing the machine's files: what a broker runs with. */
export const workerJournalDevice: JournalDeviceFactory = (events) => new WorkerDevice(events)

/** The threads hold next to nothing; V8 would let each fill 16 MiB before it looks for garbage. */
const HEAP_LIMITS = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 64 }

class WorkerDevice implements JournalDevice {
  writtenCount = 0
  durableCount = 0
  readonly stats: JournalDeviceStats
  readonly #events: JournalDeviceEvents
  readonly #control = new Int32Array(new SharedArrayBuffer(CONTROL_LENGTH * 4))
  readonly #ring = new Int32Array(new SharedArrayBuffer(RING_CAPACITY * RING_STRIDE * 4))
  readonly #writer: Worker
  readonly #syncer: Worker
  /** Writes that found no place in the ring: memory id, start, length, slot, position. */
  readonly #overflow = new Queue<readonly number[]>()
  #queuedCount = 0
  /** Count of writes that somebody waits for to be written. */
  #wantedCount = 0
  #isWakePlanned = false
  #failed = false
  #closing: Promise<void> | undefined

  constructor(events: JournalDeviceEvents) {
    this.#events = events
    const stats = new Float64Array(
      new SharedArrayBuffer((STATS.buckets + FSYNC_BUCKETS_MS.length + 1) * 8),
    )
    this.stats = statsView(stats)
    this.#writer = this.#start('writer', stats)
    this.#syncer = this.#start('syncer', stats)
  }

  addMemory(memory: Memory): void {
    this.#tell({ kind: 'memory', id: memory.id, shared: memory.shared })
  }

  removeMemory(memory: Memory): void {
    this.#tell({ kind: 'memory-gone', id: memory.id })
  }

  setFile(slot: number, path: string): void {
    this.#tell({ kind: 'file', slot, path })
  }

  write(memory: Memory, start: number, lengthBytes: number, slot: number, position: number): void {
    const isFull = this.#queuedCount - this.writtenCount >= RING_CAPACITY
    if (isFull || this.#overflow.size > 0) {
      this.#overflow.push([memory.id, start, lengthBytes, slot, position])
      this.wantWritten()
      return
    }
    this.#enqueue(memory.id, start, lengthBytes, slot, position)
    this.#wakeWriterSoon()
  }

  wantWritten(): void {
    this.#wantedCount = this.#queuedCount + this.#overflow.size
    this.#askForWritten()
  }

  #askForWritten(): void {
    Atomics.store(this.#control, CONTROL.wantWritten, 1)
    // Asked for after the fact: nobody would tell.
    if ((Atomics.load(this.#control, CONTROL.written) | 0) !== (this.writtenCount | 0)) {
      queueMicrotask(() => this.#progress())
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    Atomics.store(this.#control, CONTROL.stop, 1)
    for (const index of [CONTROL.writerSignal, CONTROL.syncerSignal]) {
      Atomics.add(this.#control, index, 1)
      Atomics.notify(this.#control, index)
    }
    Atomics.notify(this.#control, CONTROL.durable)
    await Promise.all([ended(this.#writer), ended(this.#syncer)])
  }

  #enqueue(
    memoryId: number,
    start: number,
    lengthBytes: number,
    slot: number,
    position: number,
  ): void {
    const at = (this.#queuedCount % RING_CAPACITY) * RING_STRIDE
    this.#ring[at] = memoryId
    this.#ring[at + 1] = start
    this.#ring[at + 2] = lengthBytes
    this.#ring[at + 3] = slot
    this.#ring[at + 4] = position
    this.#queuedCount++
    Atomics.store(this.#control, CONTROL.queued, this.#queuedCount | 0)
  }

  /** Once for all writes of the task that is running: a wake-up costs more than a write into the ring. */
  #wakeWriterSoon(): void {
    if (this.#isWakePlanned) return
    this.#isWakePlanned = true
    queueMicrotask(() => {
      this.#isWakePlanned = false
      Atomics.add(this.#control, CONTROL.writerSignal, 1)
      Atomics.notify(this.#control, CONTROL.writerSignal)
    })
  }

  #progress(): void {
    if (this.#failed) return
    // In this order: both move meanwhile, and nothing may seem durable that does not seem written.
    const durable = Atomics.load(this.#control, CONTROL.durable)
    const written = Atomics.load(this.#control, CONTROL.written)
    this.writtenCount += (written - (this.writtenCount | 0)) | 0
    this.durableCount += (durable - (this.durableCount | 0)) | 0
    this.#refill()
    // The writer forgets the wish after every write, also after one that was under way before it.
    if (this.writtenCount < this.#wantedCount) this.#askForWritten()
    this.#events.onProgress()
  }

  #refill(): void {
    let moved = false
    while (this.#overflow.size > 0 && this.#queuedCount - this.writtenCount < RING_CAPACITY) {
      const [memoryId = 0, start = 0, lengthBytes = 0, slot = 0, position = 0] =
        this.#overflow.shift() ?? []
      this.#enqueue(memoryId, start, lengthBytes, slot, position)
      moved = true
    }
    if (moved) this.#wakeWriterSoon()
  }

  #start(role: WorkerSetup['role'], stats: Float64Array<SharedArrayBuffer>): Worker {
    const setup: WorkerSetup = {
      role,
      control: this.#control.buffer,
      ring: this.#ring.buffer,
      stats: stats.buffer,
    }
    const worker = new Worker(new URL('./worker-thread.ts', import.meta.url), {
      workerData: setup,
      name: `journal-${role}`,
      stdin: false,
      resourceLimits: HEAP_LIMITS,
      // The other thread may be in a sync of a descriptor when the one that opened it ends.
      trackUnmanagedFds: false,
    })
    worker.on('message', (news: WorkerNews) => {
      if (news === null) {
        Atomics.store(this.#control, CONTROL.wakePending, 0)
        this.#progress()
      } else {
        this.#fail(Object.assign(new Error(news.message), { code: news.code }))
      }
    })
    worker.on('error', (error) => this.#fail(error as Error))
    worker.unref()
    return worker
  }

  #fail(error: Error): void {
    if (this.#failed || this.#closing) return
    // What became durable before the failure still counts.
    this.#progress()
    this.#failed = true
    this.#events.onFailure(error)
  }

  #tell(message: WriterMessage): void {
    this.#writer.postMessage(message)
  }
}

function ended(worker: Worker): Promise<void> {
  if (worker.threadId === -1) return Promise.resolve()
  worker.ref()
  return new Promise((resolve) => worker.once('exit', () => resolve()))
}

function statsView(stats: Float64Array): JournalDeviceStats {
  return {
    get fsyncCount() {
      return stats[STATS.fsyncCount] ?? 0
    },
    get fsyncSumMs() {
      return stats[STATS.fsyncSumMs] ?? 0
    },
    get writeCount() {
      return stats[STATS.writeCount] ?? 0
    },
    get writtenBytes() {
      return stats[STATS.writtenBytes] ?? 0
    },
    fsyncBuckets: stats.subarray(STATS.buckets),
  }
}
