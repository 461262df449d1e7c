/**
 * The journal's own threads. One writes all that is queued with one call, the other syncs what is
 * written, so that the next write overlaps the running fdatasync. Being threads of their own keeps
 * them clear of libuv's pool, where password hashing, compression or cold reads would queue before them.
 * It imports next to nothing: each thread has code and heap of its own, and is there while all is idle.
 */
import { closeSync, fdatasyncSync, openSync, writevSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { FSYNC_BUCKETS_MS } from './device.ts'
import type { WorkerNews, WorkerSetup, WriterMessage } from './worker-protocol.ts'
import { CONTROL, RING_CAPACITY, RING_STRIDE, STATS } from './worker-protocol.ts'

const MAX_PIECES = 512
const MAX_WRITE_BYTES = 8 * 1024 * 1024
/** A lost wake-up would otherwise stop the journal for ever. */
const LONGEST_WAIT_MS = 1_000

const setup = workerData as WorkerSetup
const control = new Int32Array(setup.control)
const ring = new Int32Array(setup.ring)
const stats = new Float64Array(setup.stats)
const port = parentPort
if (port === null) throw new Error('must run as a worker thread')

// Else written when the thread ends, which a thread that waits for its next write may never do.
flushCompileCache()
letGoOfStart()

const memories = new Map<number, SharedArrayBuffer>()
const paths = new Map<number, string>()
let current: { readonly slot: number; readonly descriptor: number } | undefined

/**
 * Node's own start leaves each thread 2 MiB that V8 gives back only when it is asked to, by the
 * function that it has for tests. Takes some milliseconds, while the main thread prepares files.
 * The flag stays: it is the whole process's, and a thread that took it back would take it from
 * another that is about to use it.
 */
function letGoOfStart(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as (options: object) => void
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}

function wakeMain(): void {
  if (Atomics.exchange(control, CONTROL.wakePending, 1) === 0) tell(null)
}

function tell(news: WorkerNews): void {
  port?.postMessage(news)
}

function signal(index: number): void {
  Atomics.add(control, index, 1)
  Atomics.notify(control, index)
}

const isOver = (): boolean =>
  Atomics.load(control, CONTROL.stop) !== 0 || Atomics.load(control, CONTROL.failed) !== 0

/** Reads what the main thread said; it speaks before it queues a write that needs it. */
function hear(): void {
  for (;;) {
    const received = port ? receiveMessageOnPort(port) : undefined
    if (received === undefined) return
    const message = received.message as WriterMessage
    if (message.kind === 'memory') memories.set(message.id, message.shared)
    else if (message.kind === 'memory-gone') memories.delete(message.id)
    else paths.set(message.slot, message.path)
  }
}

function memory(id: number): SharedArrayBuffer {
  if (!memories.has(id)) hear()
  const shared = memories.get(id)
  if (shared === undefined) throw new Error(`unknown memory ${id}`)
  return shared
}

interface Gathered {
  readonly slot: number
  readonly position: number
  readonly pieces: Uint8Array[]
  readonly sizeBytes: number
  /** Writes of the queue that it covers. */
  readonly count: number
}

/** One stretch of a file, made of the queued writes from `from` on. */
function gather(from: number, queued: number): Gathered {
  const pieces: Uint8Array[] = []
  let slot = -1
  let position = 0
  let sizeBytes = 0
  let count = 0
  let pieceMemory = -1
  let pieceStart = 0
  let pieceBytes = 0
  const flushPiece = (): void => {
    if (pieceBytes > 0) pieces.push(new Uint8Array(memory(pieceMemory), pieceStart, pieceBytes))
  }
  while (((from + count) | 0) !== queued && pieces.length < MAX_PIECES) {
    const at = (((from + count) >>> 0) % RING_CAPACITY) * RING_STRIDE
    const memoryId = ring[at] as number
    const start = ring[at + 1] as number
    const lengthBytes = ring[at + 2] as number
    if (count === 0) {
      slot = ring[at + 3] as number
      position = ring[at + 4] as number
    } else {
      const follows = ring[at + 3] === slot && ring[at + 4] === position + sizeBytes
      if (!follows || sizeBytes + lengthBytes > MAX_WRITE_BYTES) break
    }
    if (memoryId === pieceMemory && start === pieceStart + pieceBytes) {
      pieceBytes += lengthBytes
    } else {
      flushPiece()
      pieceMemory = memoryId
      pieceStart = start
      pieceBytes = lengthBytes
    }
    sizeBytes += lengthBytes
    count++
  }
  flushPiece()
  return { slot, position, pieces, sizeBytes, count }
}

function writeAll(descriptor: number, gathered: Gathered): void {
  let pieces: Uint8Array[] = gathered.pieces
  let position = gathered.position
  const end = position + gathered.sizeBytes
  for (;;) {
    const writtenBytes = writevSync(descriptor, pieces, position)
    position += writtenBytes
    if (position === end) return
    if (writtenBytes === 0) throw new Error('a write took no bytes')
    pieces = withoutFirst(pieces, writtenBytes)
  }
}

function withoutFirst(pieces: Uint8Array[], countBytes: number): Uint8Array[] {
  let skip = countBytes
  const rest: Uint8Array[] = []
  for (const piece of pieces) {
    if (skip < piece.byteLength) rest.push(piece.subarray(skip))
    skip = Math.max(0, skip - piece.byteLength)
  }
  return rest
}

/** A new file is begun only when the former one is durable: its header proves that (file-header.ts). */
function switchFile(slot: number): boolean {
  for (;;) {
    const durable = Atomics.load(control, CONTROL.durable)
    if (durable === Atomics.load(control, CONTROL.written)) break
    if (isOver()) return false
    Atomics.wait(control, CONTROL.durable, durable, LONGEST_WAIT_MS)
  }
  if (current !== undefined) closeSync(current.descriptor)
  current = undefined
  if (!paths.has(slot)) hear()
  const path = paths.get(slot)
  if (path === undefined) throw new Error(`no journal file in slot ${slot}`)
  current = { slot, descriptor: openSync(path, 'r+') }
  Atomics.store(control, CONTROL.descriptor, current.descriptor)
  return true
}

function write(): void {
  let written = 0
  while (!isOver()) {
    const signalled = Atomics.load(control, CONTROL.writerSignal)
    const queued = Atomics.load(control, CONTROL.queued)
    if (queued === written) {
      Atomics.wait(control, CONTROL.writerSignal, signalled, LONGEST_WAIT_MS)
      continue
    }
    const gathered = gather(written, queued)
    // The path of a slot may have changed since it was last used.
    if (current?.slot !== gathered.slot) {
      hear()
      if (!switchFile(gathered.slot)) return
    }
    if (current === undefined) return
    writeAll(current.descriptor, gathered)
    written = (written + gathered.count) | 0
    stats[STATS.writeCount] = (stats[STATS.writeCount] ?? 0) + 1
    stats[STATS.writtenBytes] = (stats[STATS.writtenBytes] ?? 0) + gathered.sizeBytes
    Atomics.store(control, CONTROL.written, written)
    signal(CONTROL.syncerSignal)
    if (Atomics.exchange(control, CONTROL.wantWritten, 0) === 1) wakeMain()
  }
}

function sync(): void {
  while (!isOver()) {
    const signalled = Atomics.load(control, CONTROL.syncerSignal)
    const written = Atomics.load(control, CONTROL.written)
    if (written === Atomics.load(control, CONTROL.durable)) {
      Atomics.wait(control, CONTROL.syncerSignal, signalled, LONGEST_WAIT_MS)
      continue
    }
    // The writer does not change the file while anything written to it is not durable.
    const startedMs = performance.now()
    fdatasyncSync(Atomics.load(control, CONTROL.descriptor))
    countSync(performance.now() - startedMs)
    Atomics.store(control, CONTROL.durable, written)
    Atomics.notify(control, CONTROL.durable)
    wakeMain()
  }
}

function countSync(tookMs: number): void {
  const bound = FSYNC_BUCKETS_MS.findIndex((upperMs) => tookMs <= upperMs)
  const bucket = STATS.buckets + (bound < 0 ? FSYNC_BUCKETS_MS.length : bound)
  stats[bucket] = (stats[bucket] ?? 0) + 1
  stats[STATS.fsyncCount] = (stats[STATS.fsyncCount] ?? 0) + 1
  stats[STATS.fsyncSumMs] = (stats[STATS.fsyncSumMs] ?? 0) + tookMs
}

try {
  if (setup.role === 'writer') write()
  else sync()
} catch (error) {
  Atomics.store(control, CONTROL.failed, 1)
  signal(CONTROL.writerSignal)
  signal(CONTROL.syncerSignal)
  Atomics.notify(control, CONTROL.durable)
  tell({
    code: (error as NodeJS.ErrnoException).code ?? 'UNKNOWN',
    message: `journal ${setup.role}: ${error instanceof Error ? error.message : String(error)}`,
  })
} finally {
  if (current !== undefined && setup.role === 'writer') closeWhenSynced(current.descriptor)
}

/** The other thread may be in a sync of this descriptor, whose number the system would give away again. */
function closeWhenSynced(descriptor: number): void {
  // Left to the end of the process after a failure or an abrupt stop: the main thread syncs before it stops.
  if (Atomics.load(control, CONTROL.durable) === Atomics.load(control, CONTROL.written)) {
    closeSync(descriptor)
  }
}
