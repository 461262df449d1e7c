import type { Memory } from '../memory/memory.ts'

/** What the journal's threads and the main thread share: places in one array of 32-bit numbers. */
export const CONTROL = {
  /** Writes that the main thread queued; counts wrap at 2^32, only differences matter. */
  queued: 0,
  written: 1,
  durable: 2,
  /** Grows whenever the writer has something to look at. */
  writerSignal: 3,
  /** Grows whenever the syncer has something to look at. */
  syncerSignal: 4,
  stop: 5,
  failed: 6,
  /** 1 while a message that counts moved is on its way to the main thread. */
  wakePending: 7,
  /** 1 when the main thread waits for `written`, not only for `durable`. */
  wantWritten: 8,
  /** File descriptor that is being written; threads of a process share descriptors. */
  descriptor: 9,
} as const
export const CONTROL_LENGTH = 16

/** Numbers per queued write: memory id, start, length, slot, position. */
export const RING_STRIDE = 5
export const RING_CAPACITY = 16_384

/** Places in the shared statistics (64-bit floats); the buckets come last. */
export const STATS = { fsyncCount: 0, fsyncSumMs: 1, writeCount: 2, writtenBytes: 3, buckets: 4 }

export interface WorkerSetup {
  readonly role: 'writer' | 'syncer'
  readonly control: SharedArrayBuffer
  readonly ring: SharedArrayBuffer
  readonly stats: SharedArrayBuffer
}

/** What the writer must know before it meets the number in the ring. */
export type WriterMessage =
  | { readonly kind: 'memory'; readonly id: Memory['id']; readonly shared: SharedArrayBuffer }
  | { readonly kind: 'memory-gone'; readonly id: Memory['id'] }
  | { readonly kind: 'file'; readonly slot: number; readonly path: string }

/** `null`: counts moved. Otherwise why the thread does nothing any more. */
export type WorkerNews = null | { readonly code: string; readonly message: string }
