import type { BatchShape } from '../client/produce-frame.ts'

interface Named {
  readonly name: string
  /** One line for the table of loads. */
  readonly summary: string
  /** Too long for `npm run bench` unless it is asked for by name. */
  readonly isLong?: boolean
}

/** Records in batches over the partitions of one topic. */
interface OfRecords extends Named {
  readonly partitions: number
  readonly batch: BatchShape
}

/** How producers send: each connection keeps `inFlight` requests of some partitions on their way. */
export interface ProducerShape {
  readonly connections: number
  readonly inFlight: number
  readonly partitionsPerRequest: number
}

/** Producers as fast as acknowledgements allow. */
export interface ProduceLoad extends OfRecords {
  readonly kind: 'produce'
  readonly producers: ProducerShape
}

/** What is written before something is measured. */
export interface Preload extends OfRecords {
  readonly producers: ProducerShape
  readonly preloadBytes: number
}

/** Consumers as fast as responses come, over what was written before the measurement. */
export interface ConsumeLoad extends Preload {
  readonly kind: 'consume'
  readonly consumers: number
  /** What is read, again and again: the last so many bytes of it. */
  readonly readBytes: number
}

/** Producers as fast as acknowledgements allow while consumers follow them. */
export interface BothWaysLoad extends OfRecords {
  readonly kind: 'both-ways'
  readonly producers: ProducerShape
  readonly consumers: number
}

/** A steady stream, and the time from when a record was meant to leave until a consumer has it. */
export interface PacedLoad extends OfRecords {
  readonly kind: 'paced'
  readonly requestsPerSecond: number
  /** Glasslog alone, on a disk that takes so much longer for each sync. */
  readonly syncDelayMs?: number
}

/** Consumers far behind: once with the page cache as the writing left it, once with none of it. */
export interface BehindLoad extends Preload {
  readonly kind: 'behind'
  readonly consumers: number
}

/** The same requests over few and over many partitions. */
export interface ManyPartitionsLoad extends OfRecords {
  readonly kind: 'many-partitions'
  readonly fewPartitions: number
  readonly producers: ProducerShape
}

/** Clients that have introduced themselves and then say nothing. */
export interface ConnectionsLoad extends Named {
  readonly kind: 'connections'
  readonly connections: number
}

/** A steady stream of writes: alone, beside a reader that hardly reads, beside one far behind. */
export interface NeighboursLoad extends OfRecords {
  readonly kind: 'neighbours'
  readonly requestsPerSecond: number
  readonly slowReaderBytesPerSecond: number
  /** What the reader that is far behind has before it. */
  readonly behind: Preload
}

/** Process spawn to the first acknowledged write, on an empty and on a used data directory. */
export interface StartLoad extends Named {
  readonly kind: 'start'
}

/** Memory of a broker that has started and has nothing to do. */
export interface IdleLoad extends Named {
  readonly kind: 'idle'
}

/** The same producers with and without TLS or ACLs, in turn. */
export interface SecuredLoad extends OfRecords {
  readonly kind: 'secured'
  readonly producers: ProducerShape
  readonly secured: 'tls' | 'acls'
  readonly rounds: number
}

/** kill -9 under load and the time until the broker works again. */
export interface RestartLoad extends Preload {
  readonly kind: 'restart'
}

/** Loads on a broker that runs, wherever it runs. */
export type RunningLoad =
  | ProduceLoad
  | ConsumeLoad
  | BothWaysLoad
  | PacedLoad
  | BehindLoad
  | ManyPartitionsLoad
  | ConnectionsLoad
  | NeighboursLoad

/** Loads that start, stop or kill the broker. */
export type LifecycleLoad = StartLoad | IdleLoad | RestartLoad | SecuredLoad

export type Load = RunningLoad | LifecycleLoad

/** Whether a load needs a broker of its own to start and kill. */
export function isLifecycle(load: Load): load is LifecycleLoad {
  switch (load.kind) {
    case 'start':
    case 'idle':
    case 'restart':
    case 'secured':
      return true
    default:
      return false
  }
}

/** The delay that a load adds to each sync of Glasslog's disk; then it says nothing about a peer. */
export function syncDelayMsOf(load: Load): number {
  return load.kind === 'paced' ? (load.syncDelayMs ?? 0) : 0
}

/** Whether a load compares Glasslog with another broker; the rest compare it with itself. */
export function hasPeer(load: Load): boolean {
  return load.kind !== 'secured' && syncDelayMsOf(load) === 0
}

/** Whether a load can run on any broker that runs already. */
export function isRunning(load: Load): load is RunningLoad {
  return !isLifecycle(load) && syncDelayMsOf(load) === 0
}
