import type {
  AppendOptions,
  AppendResult,
  LogConfig,
  PartitionSpec,
} from '../../../broker/log/index.ts'
import type { Uuid } from '../../../kit/index.ts'
import type { LogKey } from './observation.ts'
import { logKey } from './observation.ts'

/** How a process ended: with its machine (un-synced pages are lost), or alone (the page cache lives on). */
export type Loss = 'power loss' | 'process kill'

export interface SentRecord {
  readonly key: string | null
  /** Unique within a run, or null for a tombstone. */
  readonly value: string | null
}

/** One batch that was handed to the store, and what the store said of it. */
export interface SentBatch {
  readonly number: number
  readonly log: LogKey
  /** As sent: base offset and leader epoch are the store's to set. */
  readonly bytes: Buffer
  readonly records: readonly SentRecord[]
  /** What the answer waited for; a retry that waited for more counts. */
  acks: AppendOptions['acks']
  /** Batches of one number were sent as one atomic append. */
  readonly atomicGroup: number | null
  readonly producer: ProducerState | null
  /** Null as long as nothing was heard, and for ever when the process ended before. */
  answer: AppendResult | null
  /** Found by a recovery that let itself be read, which only durable data may be. */
  isRecovered: boolean
  /** Not found by such a recovery: the log went on without it, so it must not come back by itself. */
  isGone: boolean
}

/** An idempotent producer on one log: what it may retry and what comes next. */
export interface ProducerState {
  readonly producerId: bigint
  readonly producerEpoch: number
  nextSequence: number
  /** Sends a sequence that must be refused; nobody would retry that. */
  readonly skipsAhead?: true
}

export interface TopicPromise {
  readonly topicId: Uuid
  readonly specs: readonly PartitionSpec[]
  readonly config: LogConfig
  dropped: 'no' | 'asked' | 'done'
}

export interface LogPromise {
  readonly key: LogKey
  readonly topic: TopicPromise
  readonly sent: SentBatch[]
  /** Every log start that was ever asked for, the first included. */
  readonly trimsAsked: Set<number>
  trimDone: number
  /** What readers were shown cannot be taken back. */
  seenHighWatermark: number
}

/**
 * What a store was asked and what it promised, over all lives of a run. It is kept outside of the
 * simulated machine, so it survives everything.
 */
export class Ledger {
  readonly topics = new Map<Uuid, TopicPromise>()
  readonly logs = new Map<LogKey, LogPromise>()
  readonly groups = new Map<number, SentBatch[]>()
  /** Highest leader epoch of any life that accepted writes. */
  seenLeaderEpoch = -1
  #batchCount = 0
  #groupCount = 0

  addTopic(specs: readonly PartitionSpec[]): TopicPromise {
    const [first] = specs
    if (!first) throw new RangeError('a topic has at least one partition')
    const topic: TopicPromise = {
      topicId: first.topicId,
      specs,
      config: first.config,
      dropped: 'no',
    }
    this.topics.set(topic.topicId, topic)
    for (const spec of specs) {
      const key = logKey(spec.topicId, spec.partition)
      this.logs.set(key, {
        key,
        topic,
        sent: [],
        trimsAsked: new Set([0]),
        trimDone: 0,
        seenHighWatermark: 0,
      })
    }
    return topic
  }

  log(key: LogKey): LogPromise {
    const log = this.logs.get(key)
    if (!log) throw new RangeError(`no such log: ${key}`)
    return log
  }

  newGroup(): number {
    return this.#groupCount++
  }

  newBatchNumber(): number {
    return this.#batchCount++
  }

  addBatch(batch: SentBatch): void {
    this.log(batch.log).sent.push(batch)
    if (batch.atomicGroup === null) return
    const group = this.groups.get(batch.atomicGroup)
    if (group) group.push(batch)
    else this.groups.set(batch.atomicGroup, [batch])
  }

  /** What was trimmed can neither be lost nor come back without being noticed by its offset. */
  forgetTrimmed(): void {
    for (const log of this.logs.values()) {
      const kept = log.sent.filter(
        ({ answer }) => !(answer && 'lastOffset' in answer && answer.lastOffset < log.trimDone),
      )
      log.sent.splice(0, log.sent.length, ...kept)
    }
  }

  /** A batch that the log went on without may come in once more, behind all that were sent since. */
  sendAgain(batch: SentBatch): void {
    if (!batch.isGone) return
    batch.isGone = false
    batch.answer = null
    const { sent } = this.log(batch.log)
    sent.splice(sent.indexOf(batch), 1)
    sent.push(batch)
  }

  /** A copy that can go its own way: one crash has many outcomes. */
  clone(): Ledger {
    const copy = new Ledger()
    copy.seenLeaderEpoch = this.seenLeaderEpoch
    copy.#batchCount = this.#batchCount
    copy.#groupCount = this.#groupCount
    for (const [id, topic] of this.topics) copy.topics.set(id, { ...topic })
    const batches = new Map<SentBatch, SentBatch>()
    const producers = new Map<ProducerState, ProducerState>()
    const copyOf = (batch: SentBatch): SentBatch => {
      const { producer } = batch
      if (producer && !producers.has(producer)) producers.set(producer, { ...producer })
      const clone = { ...batch, producer: producer ? (producers.get(producer) ?? null) : null }
      batches.set(batch, clone)
      return clone
    }
    for (const [key, log] of this.logs) {
      const topic = copy.topics.get(log.topic.topicId) ?? log.topic
      const trimsAsked = new Set(log.trimsAsked)
      copy.logs.set(key, { ...log, topic, trimsAsked, sent: log.sent.map(copyOf) })
    }
    for (const [group, members] of this.groups) {
      copy.groups.set(
        group,
        members.map((member) => batches.get(member) ?? member),
      )
    }
    return copy
  }

  /** All topics that the control plane would ask for after a restart. */
  get wantedSpecs(): PartitionSpec[] {
    return [...this.topics.values()]
      .filter((topic) => topic.dropped === 'no')
      .flatMap((topic) => topic.specs)
  }
}

/** Whether the store promised that the batch outlives such an end. */
export function mustSurvive(batch: SentBatch, log: LogPromise, loss: Loss): boolean {
  if (batch.isRecovered) return true
  const { answer } = batch
  if (answer?.kind !== 'appended' && answer?.kind !== 'duplicate') return false
  const isShown = answer.lastOffset < log.seenHighWatermark
  const isRelaxed = log.topic.config.durability === 'os'
  if (loss === 'process kill') return isShown || batch.acks !== 'none'
  return !isRelaxed && (isShown || batch.acks === 'durable')
}

/** Whether the store said or showed that the batch is not in the log. */
export function wasRefused(batch: SentBatch): boolean {
  const { answer } = batch
  if (batch.isGone) return true
  if (answer === null || batch.isRecovered) return false
  if (answer.kind === 'failed') return answer.reason !== 'unknown-outcome'
  return answer.kind !== 'appended' && answer.kind !== 'duplicate'
}
