import { FetchRequest } from '../../protocol/index.ts'
import { BenchError } from '../client/bench-error.ts'
import { readFetchResponse } from '../client/fetch-response.ts'
import type { FrameConnection } from '../client/frame-connection.ts'
import { encodeFrame } from '../client/request.ts'
import { errorName } from '../client/topic.ts'

/** The last version whose response has fixed places; Kafka 4 takes it. */
const FETCH_VERSION = 11

/** Defaults of Kafka's consumer: fetch.min.bytes, fetch.max.wait.ms, fetch.max.bytes and so on. */
const MIN_BYTES = 1
const MAX_WAIT_MS = 500
const MAX_BYTES = 50 * 1024 * 1024
const PARTITION_MAX_BYTES = 1024 * 1024

/** Offsets that a consumer reads; past the end it starts again. */
export interface ReadRange {
  readonly partition: number
  readonly fromOffset: number
  /** Infinity follows the partition's end. */
  readonly toOffset: number
}

export interface Consuming {
  readonly connection: FrameConnection
  readonly topic: string
  readonly ranges: readonly ReadRange[]
  /** Asked before each request; the first no is final. */
  mayFetch(): boolean
  /** Records from `fromOffset` to before `toOffset` have come. */
  onRead(partition: number, fromOffset: number, toOffset: number): void
}

/**
 * Fetches as a consumer does, one request after the other, because where the next one starts is
 * known only from the answer. Resolves with the answer after which it may fetch no more.
 */
export function keepConsuming(consuming: Consuming): Promise<void> {
  const { connection, topic, ranges } = consuming
  const positions = new Map(ranges.map(({ partition, fromOffset }) => [partition, fromOffset]))
  const rangeOf = new Map(ranges.map((range) => [range.partition, range]))
  const fetch = (): void => connection.send(encodeFetch(topic, positions))
  return new Promise((resolve) => {
    connection.onFrame = (response) => {
      const code = readFetchResponse(response, ({ index, errorCode, nextOffset }) => {
        throwIfFailed(errorCode)
        const position = positions.get(index)
        const range = rangeOf.get(index)
        if (position === undefined || !range || nextOffset <= position) return
        consuming.onRead(index, position, nextOffset)
        positions.set(index, nextOffset >= range.toOffset ? range.fromOffset : nextOffset)
      })
      throwIfFailed(code)
      if (consuming.mayFetch()) fetch()
      else resolve()
    }
    fetch()
  })
}

/** A Fetch request for one topic, with the defaults of Kafka's consumer. */
export function encodeFetch(topic: string, positions: ReadonlyMap<number, number>): Buffer {
  const partitions = [...positions].map(([partition, fetchOffset]) => ({
    partition,
    fetchOffset,
    partitionMaxBytes: PARTITION_MAX_BYTES,
  }))
  return encodeFrame(FetchRequest, FETCH_VERSION, {
    maxWaitMs: MAX_WAIT_MS,
    minBytes: MIN_BYTES,
    maxBytes: MAX_BYTES,
    topics: [{ topic, partitions }],
    forgottenTopicsData: [],
  })
}

function throwIfFailed(code: number): void {
  if (code !== 0) throw new BenchError(`a read failed: ${errorName(code)}`)
}

/** Deals partitions to consumers as round robin does. */
export function rangesOfConsumers(
  ranges: readonly ReadRange[],
  consumers: number,
): readonly (readonly ReadRange[])[] {
  return Array.from({ length: consumers }, (_, consumer) =>
    ranges.filter((_, i) => i % consumers === consumer),
  )
}
