import type { Memory } from '../memory/memory.ts'

/**
 * What the journal's two threads and the main thread share: places in one array of 32-bit numbers.
 * Counts and bytes wrap at 2^32, only differences matter.
 */
export const CONTROL = {
  /** Writes that the main thread queued. */
  queued: 0,
  written: 1,
  durable: 2,
  /** Grows whenever there is something to look at. */
  signal: 3,
  /** How many threads wait for the signal, or are about to; whoever wakes one counts it out. */
  waiting: 4,
  stop: 5,
  failed: 6,
  /** 1 while a message that counts moved is on its way to the main thread. */
  wakePending: 7,
  /** 1 when the main thread waits for `written`, not only for `durable`. */
  wantWritten: 8,
  /** File descriptor that is being written; threads of a process share descriptors. */
  descriptor: 9,
  /** What the descriptor stands for, 0 when there is none. Closed by the main thread once no thread is left. */
  slot: 10,
  /** 1 while one of the threads writes; only that one changes `written`, `slot` and `descriptor`. */
  writing: 11,
  /** 1 while one of the threads syncs; only that one changes `durable`. */
  syncing: 12,
  /** Bytes of the writes that the main thread queued. */
  queuedBytes: 13,
  writtenBytes: 14,
} as const
export const CONTROL_LENGTH = 15
export const THREAD_COUNT = 2

/**
 * From so many queued bytes on, a thread that rests is woken to write them while the other one syncs.
 * Fewer are written in a few microseconds by the one that is awake, when its sync is over; to wake a
 * thread costs more, and where all cores are busy it comes late.
 */
export const OVERLAP_BYTES = 64 * 1024

/** Numbers per queued write: memory id, start, length, slot, position. */
export const RING_STRIDE = 5
export const RING_CAPACITY = 16_384

/** Places in the shared statistics (64-bit floats); the buckets come last. */
export const STATS = { fsyncCount: 0, fsyncSumMs: 1, writeCount: 2, writtenBytes: 3, buckets: 4 }

export interface WorkerSetup {
  readonly control: SharedArrayBuffer
  readonly ring: SharedArrayBuffer
  readonly stats: SharedArrayBuffer
}

/** What a thread must know before it meets the number in the ring. */
export type ThreadMessage =
  | { readonly kind: 'memory'; readonly id: Memory['id']; readonly shared: SharedArrayBuffer }
  | { readonly kind: 'memory-gone'; readonly id: Memory['id'] }
  | { readonly kind: 'file'; readonly slot: number; readonly path: string }

/** `null`: counts moved. Otherwise why the thread does nothing any more. */
export type WorkerNews = null | { readonly code: string; readonly message: string }

/**
 * Wakes a thread that waits for the signal, which must have grown before. A thread takes a while to
 * run; being counted out at once, it is not woken again and the other one is not woken in its place.
 */
export function wakeOne(control: Int32Array): void {
  if (Atomics.notify(control, CONTROL.signal, 1) === 1) Atomics.sub(control, CONTROL.waiting, 1)
}
