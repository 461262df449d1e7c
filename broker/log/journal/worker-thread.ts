/**
 * One of the journal's own two threads. Whichever is awake writes all that is queued with one call and
 * syncs it; when much is queued meanwhile, the other one writes that while this one is in its fdatasync.
 * At most one writes and at most one syncs at any time. Being threads of their own keeps them clear of
 * libuv's pool, where password hashing, compression or cold reads would queue before them.
 * It imports next to nothing: each thread has code and heap of its own, and is there while all is idle.
 */
import { closeSync, fdatasyncSync, openSync, writevSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { FSYNC_BUCKETS_MS } from './device.ts'
import type { Gathered } from './gather.ts'
import { gather } from './gather.ts'
import type { ThreadMessage, WorkerNews, WorkerSetup } from './worker-protocol.ts'
import { CONTROL, OVERLAP_BYTES, STATS, wakeOne } from './worker-protocol.ts'

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

function wakeOther(): void {
  Atomics.add(control, CONTROL.signal, 1)
  wakeOne(control)
}

const isOver = (): boolean =>
  Atomics.load(control, CONTROL.stop) !== 0 || Atomics.load(control, CONTROL.failed) !== 0

/** Reads what the main thread said; it speaks before it queues a write that needs it. */
function hear(): void {
  for (;;) {
    const received = port ? receiveMessageOnPort(port) : undefined
    if (received === undefined) return
    const message = received.message as ThreadMessage
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

/**
 * A new file is begun only when the former one is durable: its header proves that (file-header.ts).
 * Called by the thread that writes.
 */
function switchFile(slot: number): boolean {
  for (;;) {
    const durable = Atomics.load(control, CONTROL.durable)
    if (durable === Atomics.load(control, CONTROL.written)) break
    if (isOver()) return false
    if (!trySync()) Atomics.wait(control, CONTROL.durable, durable, LONGEST_WAIT_MS)
  }
  // The path of a slot may have changed since it was last used.
  hear()
  const path = paths.get(slot)
  if (path === undefined) throw new Error(`no journal file in slot ${slot}`)
  if (Atomics.exchange(control, CONTROL.slot, 0) !== 0) {
    closeSync(Atomics.load(control, CONTROL.descriptor))
  }
  Atomics.store(control, CONTROL.descriptor, openSync(path, 'r+'))
  Atomics.store(control, CONTROL.slot, slot)
  return true
}

/**
 * Answers whether to look again: not when nothing is queued, nor when the other thread is about it,
 * because whoever was about it looks again.
 */
function tryWrite(): boolean {
  if (Atomics.load(control, CONTROL.queued) === Atomics.load(control, CONTROL.written)) return false
  if (Atomics.compareExchange(control, CONTROL.writing, 0, 1) !== 0) return false
  writeQueued()
  Atomics.store(control, CONTROL.writing, 0)
  return true
}

function writeQueued(): void {
  const written = Atomics.load(control, CONTROL.written)
  const queued = Atomics.load(control, CONTROL.queued)
  if (queued === written) return
  const gathered = gather(ring, memory, written, queued)
  const isOpen = Atomics.load(control, CONTROL.slot) === gathered.slot
  if (!isOpen && !switchFile(gathered.slot)) return
  writeAll(Atomics.load(control, CONTROL.descriptor), gathered)
  stats[STATS.writeCount] = (stats[STATS.writeCount] ?? 0) + 1
  stats[STATS.writtenBytes] = (stats[STATS.writtenBytes] ?? 0) + gathered.sizeBytes
  Atomics.store(control, CONTROL.written, (written + gathered.count) | 0)
  const writtenBytes = Atomics.add(control, CONTROL.writtenBytes, gathered.sizeBytes)
  const queuedBytes = Atomics.load(control, CONTROL.queuedBytes)
  const leftBytes = (queuedBytes - writtenBytes - gathered.sizeBytes) | 0
  if (leftBytes >= OVERLAP_BYTES) wakeOther()
  if (Atomics.exchange(control, CONTROL.wantWritten, 0) === 1) wakeMain()
}

/** Answers whether to look again, as `tryWrite` does. */
function trySync(): boolean {
  if (Atomics.load(control, CONTROL.written) === Atomics.load(control, CONTROL.durable))
    return false
  if (Atomics.compareExchange(control, CONTROL.syncing, 0, 1) !== 0) return false
  syncWritten()
  Atomics.store(control, CONTROL.syncing, 0)
  return true
}

function syncWritten(): void {
  const written = Atomics.load(control, CONTROL.written)
  // After a failure of the other thread nobody knows what a sync would prove.
  if (written === Atomics.load(control, CONTROL.durable) || isOver()) return
  // Nobody changes the file while anything written to it is not durable.
  const startedMs = performance.now()
  fdatasyncSync(Atomics.load(control, CONTROL.descriptor))
  countSync(performance.now() - startedMs)
  Atomics.store(control, CONTROL.durable, written)
  Atomics.notify(control, CONTROL.durable)
  wakeMain()
}

function countSync(tookMs: number): void {
  const bound = FSYNC_BUCKETS_MS.findIndex((upperMs) => tookMs <= upperMs)
  const bucket = STATS.buckets + (bound < 0 ? FSYNC_BUCKETS_MS.length : bound)
  stats[bucket] = (stats[bucket] ?? 0) + 1
  stats[STATS.fsyncCount] = (stats[STATS.fsyncCount] ?? 0) + 1
  stats[STATS.fsyncSumMs] = (stats[STATS.fsyncSumMs] ?? 0) + tookMs
}

/** Looks at the signal before at the work, so that whatever comes in between ends the wait at once. */
function work(): void {
  while (!isOver()) {
    const signalled = Atomics.load(control, CONTROL.signal)
    const mayWriteMore = tryWrite()
    if (trySync() || mayWriteMore) continue
    Atomics.add(control, CONTROL.waiting, 1)
    const how = Atomics.wait(control, CONTROL.signal, signalled, LONGEST_WAIT_MS)
    if (how !== 'ok') Atomics.sub(control, CONTROL.waiting, 1)
    // Else what is said to a thread that has nothing to do would pile up.
    if (how === 'timed-out') hear()
  }
}

try {
  work()
} catch (error) {
  Atomics.store(control, CONTROL.failed, 1)
  wakeOther()
  Atomics.notify(control, CONTROL.durable)
  tell({
    code: (error as NodeJS.ErrnoException).code ?? 'UNKNOWN',
    message: `journal: ${error instanceof Error ? error.message : String(error)}`,
  })
}
