import { Worker } from 'node:worker_threads'
import type { Memory } from '../memory/memory.ts'
import { Queue } from '../queue.ts'
import { closeDescriptor } from './close-descriptor.ts'
import type {
  JournalDevice,
  JournalDeviceEvents,
  JournalDeviceFactory,
  JournalDeviceStats,
} from './device.ts'
import { FSYNC_BUCKETS_MS } from './device.ts'
import type { ThreadMessage, WorkerNews, WorkerSetup } from './worker-protocol.ts'
import {
  CONTROL,
  CONTROL_LENGTH,
  OVERLAP_BYTES,
  RING_CAPACITY,
  RING_STRIDE,
  STATS,
  THREAD_COUNT,
  wakeOne,
} from './worker-protocol.ts'

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
  readonly #threads: readonly Worker[]
  /** Writes that found no place in the ring: memory id, start, length, slot, position. */
  readonly #overflow = new Queue<readonly number[]>()
  #queuedCount = 0
  /** Count of writes that somebody waits for to be written. */
  #wantedCount = 0
  #isWakePlanned = false
  #endedCount = 0
  #failed = false
  #closing: Promise<void> | undefined

  constructor(events: JournalDeviceEvents) {
    this.#events = events
    const stats = new Float64Array(
      new SharedArrayBuffer((STATS.buckets + FSYNC_BUCKETS_MS.length + 1) * 8),
    )
    this.stats = statsView(stats)
    this.#threads = Array.from({ length: THREAD_COUNT }, (_, index) =>
      this.#start(index + 1, stats),
    )
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
    this.#wakeSoon()
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
      return
    }
    // The thread that is awake would come to it only after its sync.
    this.#wakeSoon()
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    Atomics.store(this.#control, CONTROL.stop, 1)
    Atomics.add(this.#control, CONTROL.signal, 1)
    Atomics.notify(this.#control, CONTROL.signal)
    Atomics.notify(this.#control, CONTROL.durable)
    await Promise.all(this.#threads.map(ended))
    if (Atomics.exchange(this.#control, CONTROL.slot, 0) === 0) return
    await closeDescriptor(Atomics.load(this.#control, CONTROL.descriptor))
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
    Atomics.add(this.#control, CONTROL.queuedBytes, lengthBytes)
    Atomics.store(this.#control, CONTROL.queued, this.#queuedCount | 0)
  }

  /** Once for all writes of the task that is running: a wake-up costs more than a write into the ring. */
  #wakeSoon(): void {
    if (this.#isWakePlanned) return
    this.#isWakePlanned = true
    queueMicrotask(() => {
      this.#isWakePlanned = false
      this.#wake()
    })
  }

  /**
   * A thread that is awake looks at the queue before it rests, and sees that the signal has grown when
   * it is about to rest. The other is needed when much waits for a sync to end, or when somebody
   * waits for no more than the write.
   */
  #wake(): void {
    const control = this.#control
    Atomics.add(control, CONTROL.signal, 1)
    const waiting = Atomics.load(control, CONTROL.waiting)
    if (waiting === 0) return
    if (waiting < THREAD_COUNT && Atomics.load(control, CONTROL.wantWritten) === 0) {
      const written = Atomics.load(control, CONTROL.writtenBytes)
      if (((Atomics.load(control, CONTROL.queuedBytes) - written) | 0) < OVERLAP_BYTES) return
    }
    wakeOne(control)
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
    if (moved) this.#wakeSoon()
  }

  #start(number: number, stats: Float64Array<SharedArrayBuffer>): Worker {
    const setup: WorkerSetup = {
      control: this.#control.buffer,
      ring: this.#ring.buffer,
      stats: stats.buffer,
    }
    const worker = new Worker(new URL('./worker-thread.ts', import.meta.url), {
      workerData: setup,
      name: `journal-${number}`,
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
    worker.on('exit', () => this.#noteEnd())
    worker.unref()
    return worker
  }

  /** A thread that failed has said why before its own end, but perhaps after the end of the other. */
  #noteEnd(): void {
    this.#endedCount++
    const isToBeTold = Atomics.load(this.#control, CONTROL.failed) !== 0
    if (isToBeTold && this.#endedCount < THREAD_COUNT) return
    this.#fail(new Error('a thread of the journal has ended'))
  }

  #fail(error: Error): void {
    if (this.#failed || this.#closing) return
    // What became durable before the failure still counts.
    this.#progress()
    this.#failed = true
    this.#events.onFailure(error)
  }

  #tell(message: ThreadMessage): void {
    for (const thread of this.#threads) thread.postMessage(message)
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
