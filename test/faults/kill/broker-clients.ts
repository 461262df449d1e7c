import type { Random } from '../../../kit/index.ts'
import { systemTimers } from '../../../kit/index.ts'
import {
  batchesIn,
  decodeRecords,
  encodeBatch,
  FetchRequest,
  FetchResponse,
  InitProducerIdRequest,
  InitProducerIdResponse,
  ProduceRequest,
  ProduceResponse,
} from '../../../protocol/index.ts'
import type { RawClient } from '../../support/client.ts'
import { connectRaw } from '../../support/client.ts'

/** What every client of a run shares: where the broker is now, and whether the run is over. */
export interface LoadRun {
  readonly topic: string
  port: number
  isOver: boolean
  /** Everything that should not have happened, as a sentence. */
  readonly problems: string[]
}

export interface Acknowledged {
  readonly partition: number
  readonly offset: number
  readonly value: string
}

const PRODUCE_VERSION = 8
const FETCH_VERSION = 11
const INIT_PRODUCER_ID_VERSION = 1
const IN_FLIGHT = 5
const RETRY_MS = 20

/** Answers that say "try again": what a broker may say while it stops or starts. */
const NONE = 0
const DUPLICATE_SEQUENCE_NUMBER = 46
const RETRIABLE = new Set([3, 5, 6, 7, 14, 15, 16, 56])

export const pause = (durationMs: number): Promise<void> =>
  new Promise((resolve) => void systemTimers.after(durationMs, resolve))

interface Batch {
  readonly bytes: Buffer
  readonly values: readonly string[]
}

/**
 * A producer with five requests in flight. When the broker dies it connects to the next one. An
 * idempotent producer sends everything that was not answered again, with the same sequences, and so
 * must find each record exactly once and in order; the other kind gives such records up.
 */
export class LoadProducer {
  readonly acknowledged: Acknowledged[] = []
  /** In the order of sending, whatever became of them. */
  readonly sent: string[] = []
  readonly name: string
  readonly partition: number
  readonly isIdempotent: boolean
  readonly #run: LoadRun
  readonly #random: Random
  readonly #acks: number
  #unanswered: Batch[] = []
  #producer: { readonly id: bigint; readonly epoch: number } | undefined
  #nextSequence = 0

  constructor(
    run: LoadRun,
    random: Random,
    options: {
      readonly name: string
      readonly partition: number
      readonly acks: 'all' | 'leader' | 'all, idempotent'
    },
  ) {
    this.name = options.name
    this.partition = options.partition
    this.isIdempotent = options.acks === 'all, idempotent'
    this.#acks = options.acks === 'leader' ? 1 : -1
    this.#run = run
    this.#random = random
  }

  /** Until the run is over and, for an idempotent producer, everything is acknowledged. */
  async produce(): Promise<void> {
    while (!this.#run.isOver || this.#hasToRetry) {
      try {
        await this.#produceOnOneConnection()
      } catch {
        // The broker is gone; the next one comes.
        await pause(RETRY_MS)
      }
    }
  }

  /** A record that was refused for good would be sent for ever: with a problem the run is lost anyway. */
  get #hasToRetry(): boolean {
    return this.isIdempotent && this.#unanswered.length > 0 && this.#run.problems.length === 0
  }

  async #produceOnOneConnection(): Promise<void> {
    const client = await connectRaw(this.#run.port)
    try {
      if (this.isIdempotent) this.#producer ??= await initProducer(client)
      const retries = this.isIdempotent ? this.#unanswered : []
      this.#unanswered = []
      const inFlight = retries.map((batch) => this.#start(client, batch))
      while (!this.#run.isOver) {
        // A broker knows the last five batches of a producer again, and no more.
        if (inFlight.length >= IN_FLIGHT) await inFlight.shift()
        else inFlight.push(this.#start(client, this.#nextBatch()))
      }
      await Promise.all(inFlight)
    } finally {
      await client.close()
    }
  }

  /** All in flight fail together when the connection ends; only the first of them is waited for. */
  #start(client: RawClient, batch: Batch): Promise<void> {
    const sent = this.#send(client, batch)
    sent.catch(() => {})
    return sent
  }

  /** What is not answered stays in `#unanswered`, in order. */
  async #send(client: RawClient, batch: Batch): Promise<void> {
    this.#unanswered.push(batch)
    const response = await client.send(ProduceRequest, ProduceResponse, PRODUCE_VERSION, {
      transactionalId: null,
      acks: this.#acks,
      timeoutMs: 30_000,
      topicData: [
        {
          name: this.#run.topic,
          partitionData: [{ index: this.partition, records: batch.bytes }],
        },
      ],
    })
    const partition = response.responses[0]?.partitionResponses[0]
    const errorCode = partition?.errorCode ?? -1
    if (errorCode !== NONE && errorCode !== DUPLICATE_SEQUENCE_NUMBER) {
      if (!RETRIABLE.has(errorCode)) {
        this.#run.problems.push(`${this.name}: ${batch.values[0]} answered with error ${errorCode}`)
      }
      throw new Error(`error ${errorCode}`)
    }
    this.#unanswered = this.#unanswered.filter((other) => other !== batch)
    for (const [i, value] of batch.values.entries()) {
      const offset = (partition?.baseOffset ?? -1) + i
      this.acknowledged.push({ partition: this.partition, offset, value })
    }
  }

  #nextBatch(): Batch {
    const count = 1 + this.#random.below(4)
    const values = Array.from({ length: count }, (_, i) => `${this.name}/${this.sent.length + i}`)
    this.sent.push(...values)
    const producer = this.#producer
    const bytes = encodeBatch(
      values.map((value) => ({
        timestampMs: 1_700_000_000_000,
        key: null,
        value: Buffer.from(value.padEnd(20 + this.#random.below(2_000), ' ')),
      })),
      producer ? { producer: { ...producer, baseSequence: this.#nextSequence } } : {},
    )
    this.#nextSequence += count
    return { bytes, values }
  }
}

async function initProducer(client: RawClient): Promise<{ id: bigint; epoch: number }> {
  const response = await client.send(
    InitProducerIdRequest,
    InitProducerIdResponse,
    INIT_PRODUCER_ID_VERSION,
    { transactionalId: null, transactionTimeoutMs: 60_000 },
  )
  if (response.errorCode !== NONE) throw new Error(`no producer id: ${response.errorCode}`)
  return { id: response.producerId, epoch: response.producerEpoch }
}

/** Reads one partition from its beginning on, across all deaths of the broker. */
export class LoadConsumer {
  /** The value at each offset. */
  readonly seen: string[] = []
  readonly partition: number
  readonly #run: LoadRun

  constructor(run: LoadRun, partition: number) {
    this.#run = run
    this.partition = partition
  }

  async consume(): Promise<void> {
    while (!this.#run.isOver) {
      try {
        const client = await connectRaw(this.#run.port)
        try {
          while (!this.#run.isOver) await this.fetchOnce(client)
        } finally {
          await client.close()
        }
      } catch {
        await pause(RETRY_MS)
      }
    }
  }

  /** Answers whether anything was there. */
  async fetchOnce(client: RawClient): Promise<boolean> {
    const fetchOffset = this.seen.length
    const response = await client.send(FetchRequest, FetchResponse, FETCH_VERSION, {
      maxWaitMs: 100,
      minBytes: 1,
      maxBytes: 1_000_000,
      topics: [
        {
          topic: this.#run.topic,
          partitions: [{ partition: this.partition, fetchOffset, partitionMaxBytes: 300_000 }],
        },
      ],
      forgottenTopicsData: [],
    })
    const answer = response.responses[0]?.partitions[0]
    if (!answer || answer.errorCode !== NONE) {
      if (answer && !RETRIABLE.has(answer.errorCode)) {
        this.#run.problems.push(
          `partition ${this.partition}: fetch of ${fetchOffset} answered ${answer.errorCode}`,
        )
      }
      throw new Error(`error ${answer?.errorCode}`)
    }
    this.#take(answer.records ?? Buffer.alloc(0))
    return this.seen.length > fetchOffset
  }

  #take(records: Uint8Array): void {
    for (const batch of batchesIn(records)) {
      for (const { offset, value } of decodeRecords(batch)) {
        if (offset < this.seen.length) continue
        if (offset !== this.seen.length) {
          this.#run.problems.push(
            `partition ${this.partition}: offset ${offset} follows ${this.seen.length - 1}`,
          )
        }
        this.seen[offset] = value?.toString().trimEnd() ?? ''
      }
    }
  }
}
