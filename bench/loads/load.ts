import type { BatchShape } from '../client/produce-frame.ts'

interface Named {
  readonly name: string
  /** One line for the table of loads. */
  readonly summary: string
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
export interface ProduceLoad extends Named {
  readonly kind: 'produce'
  readonly producers: ProducerShape
}

/** Consumers as fast as responses come, over what was written before the measurement. */
export interface ConsumeLoad extends Named {
  readonly kind: 'consume'
  readonly producers: ProducerShape
  readonly consumers: number
  /** What is written first. */
  readonly preloadBytes: number
  /** What is read, again and again: the last so many bytes of it. */
  readonly readBytes: number
}

/** Producers as fast as acknowledgements allow while consumers follow them. */
export interface BothWaysLoad extends Named {
  readonly kind: 'both-ways'
  readonly producers: ProducerShape
  readonly consumers: number
}

/** A steady stream, and the time from when a record was meant to leave until a consumer has it. */
export interface PacedLoad extends Named {
  readonly kind: 'paced'
  readonly requestsPerSecond: number
}

export type Load = ProduceLoad | ConsumeLoad | BothWaysLoad | PacedLoad
