import type { Encodable, ErrorName, FetchRequest, FetchResponse } from '../../../protocol/index.ts'
import { errors } from '../../../protocol/index.ts'
import type { Topic } from '../../control/index.ts'
import type { PartitionLog } from '../../log/index.ts'
import { isAllowed } from '../authorize.ts'
import type { RequestContext } from '../handler.ts'
import { checkLeaderEpoch, findPartition } from '../partitions.ts'
import type { BrokerServices } from '../services.ts'
import { countFetched, fetchableBytes } from '../throttling.ts'
import type { FetchAttempt, Readable } from './fetch-reader.ts'
import { FetchReader } from './fetch-reader.ts'
import type { FetchSession } from './fetch-session.ts'
import type { FetchScope } from './fetch-sessions.ts'
import type { FetchTarget } from './fetch-target.ts'
import { GrowthWait } from './growth-wait.ts'
import type { PartitionFetch } from './partition-fetch.ts'
import { emptyFetch, failedFetch } from './partition-fetch.ts'
import { TopicFetchLimits } from './topic-fetch-limits.ts'

type Answer = Encodable<typeof FetchResponse>
type TopicAnswer = Answer['responses'][number]
type PartitionAnswer = TopicAnswer['partitions'][number]

/** What a request reads: a scope without error. */
export type ReadScope = Exclude<FetchScope, { readonly kind: 'error' }>

const FIRST_WITH_TOPIC_IDS = 13
/** Clients before take KAFKA_STORAGE_ERROR for something that cannot be retried. */
const FIRST_WITH_STORAGE_ERROR = 6
const FIRST_WITH_LEADER_HINTS = 16
const READ_COMMITTED = 1
const NO_SESSION = 0

/** One Fetch request: reads, waits for growth as long as there is too little, and answers. */
export class FetchCall {
  readonly #request: FetchRequest
  readonly #context: RequestContext
  readonly #broker: BrokerServices
  readonly #scope: ReadScope
  readonly #apiVersion: number
  readonly #session: FetchSession | undefined
  /** What is looked at: all of the request, or what is awake of the session. */
  #targets: readonly FetchTarget[] = []
  #readable: Readable[] = []
  /** By target; the others are in `#readable`. */
  #refused = new Map<FetchTarget, PartitionFetch>()
  /** A partition was refused for a reason that its client can mend at once. */
  #hasRefusedReadable = false
  /** A topic was deleted while this waited for it. */
  #hasLostTopic = false
  /** The history as it was when this last looked whether topics are there. */
  #seenSeq: number
  /** Made when a topic is looked at that has a throttle. */
  #limits: TopicFetchLimits | undefined
  readonly #maxBytes: number
  readonly #minBytes: number
  readonly #isCommitted: boolean
  #reader: FetchReader

  constructor(
    request: FetchRequest,
    scope: ReadScope,
    context: RequestContext,
    broker: BrokerServices,
  ) {
    this.#request = request
    this.#scope = scope
    this.#context = context
    this.#broker = broker
    this.#apiVersion = context.apiVersion
    const { fetchMaxBytes } = broker.control.config.values
    const mayFetch = fetchableBytes(context, broker)
    this.#maxBytes = Math.max(0, Math.min(request.maxBytes, fetchMaxBytes, mayFetch))
    this.#minBytes = Math.min(request.minBytes, this.#maxBytes)
    this.#isCommitted = request.isolationLevel === READ_COMMITTED
    this.#session = scope.kind === 'incremental' ? scope.session : undefined
    // Any record of the history may change whether a topic is there, and who may read it.
    this.#session?.see(`${this.#isCommitted} ${broker.control.state.seq}`)
    this.#seenSeq = broker.control.state.seq
    this.#reader = this.#resolve()
    this.#countRequests()
  }

  run(): Answer | Promise<Answer> {
    const first = this.#reader.read()
    // While a read from the disk was under way, logs may have grown unnoticed.
    if (first instanceof Promise) return first.then((attempt) => this.#afterFirst(attempt, true))
    return this.#afterFirst(first, first.hasSkipped)
  }

  #afterFirst(attempt: FetchAttempt, mayHaveMore: boolean): Answer | Promise<Answer> {
    if (this.#isEnough(attempt)) return this.#respond(attempt)
    attempt.release()
    return this.#waitForMore(attempt, mayHaveMore)
  }

  async #waitForMore(first: FetchAttempt, mayHaveMore: boolean): Promise<Answer> {
    const wait = new GrowthWait(
      {
        store: this.#broker.log,
        session: this.#session,
        timers: this.#broker.timers,
        connection: this.#context.connection,
        // What a throttle leaves out now is looked at again when it may be read.
        maxWaitMs: Math.min(this.#request.maxWaitMs, this.#limits?.hold?.waitMs ?? Infinity),
      },
      mayHaveMore,
    )
    try {
      this.#watch(wait, first)
      for (;;) {
        this.#context.enter('wait')
        const wake = await wait.next()
        this.#context.enter('work')
        // More of the session may be awake by now.
        if (this.#losesTopic() || this.#session) this.#reader = this.#resolve()
        const attempt = await this.#reader.read()
        if (wake === 'over' || this.#isEnough(attempt)) return this.#respond(attempt)
        attempt.release()
        this.#watch(wait, attempt)
        if (attempt.hasSkipped) wait.again()
      }
    } finally {
      wait.stop()
    }
  }

  /** Whether a topic is gone that was there when the wait began. Looks at nothing but a number as a rule. */
  #losesTopic(): boolean {
    const { seq, topicsById } = this.#broker.control.state
    if (seq === this.#seenSeq) return false
    this.#seenSeq = seq
    const isLost = this.#readable.some(({ log }) => !topicsById.has(log.topicId))
    this.#hasLostTopic ||= isLost
    return isLost
  }

  /** Waits for what was too little; the session itself tells of what rests. */
  #watch(wait: GrowthWait, attempt: FetchAttempt): void {
    this.#letRest(attempt)
    for (const [index, { target, log }] of this.#readable.entries()) {
      if (this.#session?.isResting(target)) continue
      wait.watch(log)
      // It may have grown while others were read from the disk.
      const fetched = attempt.partitions[index]
      if (fetched?.error === 'NONE' && fetched.highWatermark !== log.highWatermark) wait.again()
    }
  }

  /** Partitions that nobody knows do not end the wait, as in Kafka: the client would ask again at once. */
  #isEnough(attempt: FetchAttempt): boolean {
    return (
      attempt.sizeBytes >= this.#minBytes ||
      attempt.hasError ||
      this.#hasRefusedReadable ||
      this.#hasLostTopic ||
      (this.#readable.length === 0 && !this.#session?.hasResting) ||
      this.#request.maxWaitMs <= 0 ||
      (attempt.sizeBytes > 0 && attempt.isCutShort())
    )
  }

  /** Finds out what can be read. */
  #resolve(): FetchReader {
    const scope = this.#scope
    this.#targets = scope.kind === 'full' ? scope.targets : scope.session.awake()
    this.#readable = []
    this.#refused = new Map()
    this.#hasRefusedReadable = false
    this.#limits = undefined
    for (const target of this.#targets) {
      const topic = this.#topicOf(target)
      const log = this.#logOf(topic, target)
      if (typeof log === 'string') {
        this.#refused.set(target, failedFetch(log))
        continue
      }
      const { fetchOffset: offset } = target
      const mayRead = topic?.quota ? this.#limitOf(topic) : Infinity
      if (mayRead === 0) {
        this.#refused.set(target, emptyFetch(log))
        continue
      }
      const maxBytes = Math.max(0, Math.min(target.maxBytes, mayRead))
      this.#readable.push({ target, log, offset, maxBytes })
    }
    return new FetchReader(this.#readable, {
      store: this.#broker.log,
      memory: this.#broker.fetchMemory,
      apiVersion: this.#apiVersion,
      maxBytes: this.#maxBytes,
      isolation: this.#isCommitted ? 'committed' : 'uncommitted',
    })
  }

  /** Bytes that a throttled topic gives each of its partitions now; 0 when they have to wait. */
  #limitOf(topic: Topic): number {
    this.#limits ??= new TopicFetchLimits(this.#broker.quotas)
    return this.#limits.bytesOf(topic, () =>
      this.#targets.filter((target) => this.#topicOf(target) === topic),
    )
  }

  /** Once for each topic of which something is looked at, and once for each partition that is refused. */
  #countRequests(): void {
    const { traffic } = this.#broker
    let lastTopic: Topic | undefined
    for (const target of this.#targets) {
      const topic = this.#topicOf(target)
      if (topic && topic !== lastTopic) traffic.of(topic.id).fetchRequests++
      if (topic && this.#refused.has(target)) traffic.of(topic.id).failedFetchRequests++
      lastTopic = topic
    }
  }

  #topicOf({ topicId, topicName }: FetchTarget): Topic | undefined {
    const { state } = this.#broker.control
    return this.#apiVersion >= FIRST_WITH_TOPIC_IDS
      ? state.topicsById.get(topicId)
      : state.topics.get(topicName)
  }

  #logOf(topic: Topic | undefined, target: FetchTarget): PartitionLog | ErrorName {
    // Who pretends to be a follower could read what nobody may see yet and claim to have it.
    if (this.#replicaId() >= 0) return 'TOPIC_AUTHORIZATION_FAILED'
    if (!topic && this.#apiVersion >= FIRST_WITH_TOPIC_IDS) return 'UNKNOWN_TOPIC_ID'
    const name = topic?.name ?? target.topicName
    if (!isAllowed(this.#context, this.#broker, 'READ', 'TOPIC', name)) {
      return 'TOPIC_AUTHORIZATION_FAILED'
    }
    const log = findPartition(this.#broker, topic, target.partition)
    if (typeof log === 'string') return log
    const error = checkLeaderEpoch(log, target.currentLeaderEpoch)
    if (error === 'NONE') return log
    this.#hasRefusedReadable = true
    return error
  }

  #replicaId(): number {
    return this.#apiVersion >= 15 ? this.#request.replicaState.replicaId : this.#request.replicaId
  }

  #respond(attempt: FetchAttempt): Answer {
    this.#context.whenSent(() => attempt.release())
    countFetched(attempt.sizeBytes, this.#context, this.#broker)
    // A client that was given nothing because of a throttle is told to wait; one that was, asks for the rest.
    const hold = this.#limits?.hold
    if (hold && this.#readable.length === 0 && !this.#session?.hasResting) {
      this.#context.throttle(hold)
    }
    const scope = this.#scope
    if (scope.kind === 'incremental' && !this.#broker.fetchSessions.isCurrent(scope)) {
      const { code } = errors.INVALID_FETCH_SESSION_EPOCH
      return { errorCode: code, sessionId: scope.session.id, responses: [] }
    }
    const answer = this.#collect(attempt)
    this.#letRest(attempt)
    return { errorCode: errors.NONE.code, sessionId: this.#sessionId(), ...answer }
  }

  #sessionId(): number {
    const scope = this.#scope
    if (scope.kind === 'incremental') return scope.session.id
    if (!scope.opensSession) return NO_SESSION
    const { principal } = this.#context.connection
    return this.#broker.fetchSessions.open(scope.targets, this.#apiVersion, principal)
  }

  /** The partitions of the response in the order of the request or session, grouped by topic. */
  #collect(attempt: FetchAttempt): Pick<Answer, 'responses' | 'nodeEndpoints'> {
    const responses: { topic: string; topicId: string; partitions: PartitionAnswer[] }[] = []
    let readIndex = 0
    let hasLeaderHint = false
    for (const target of this.#targets) {
      const refused = this.#refused.get(target)
      const readable = refused ? undefined : this.#readable[readIndex]
      const fetched = refused ?? attempt.partitions[readIndex++]
      if (!fetched || !this.#isNews(target, fetched)) continue
      if (readable) {
        const traffic = this.#broker.traffic.of(readable.log.topicId)
        traffic.bytesOut += fetched.sizeBytes
        traffic.fetchConversions += fetched.convertedCount ?? 0
      }
      if (readable) this.#limits?.count(readable.log.topicId, fetched.sizeBytes)
      if (readable && fetched.sizeBytes > 0) this.#follow(readable, fetched)
      const answer = this.#partition(target, fetched)
      if (answer.currentLeader) hasLeaderHint = true
      const last = responses.at(-1)
      if (last?.topicId === target.topicId && last.topic === target.topicName) {
        last.partitions.push(answer)
      } else {
        const { topicName: topic, topicId } = target
        responses.push({ topic, topicId, partitions: [answer] })
      }
    }
    return hasLeaderHint ? { responses, nodeEndpoints: [this.#ownEndpoint()] } : { responses }
  }

  #follow({ log, offset: fromOffset }: Readable, { records }: PartitionFetch): void {
    const { recordTracing } = this.#broker
    if (!recordTracing?.isFollowing) return
    const { topicId, partition } = log
    recordTracing.fetched(this.#context, { topicId, partition, fromOffset, records })
  }

  /** Whether the response has to contain the partition; remembers what the client is told of it. */
  #isNews(target: FetchTarget, fetched: PartitionFetch): boolean {
    const isNews =
      this.#scope.kind === 'full' ||
      fetched.sizeBytes > 0 ||
      fetched.error !== 'NONE' ||
      fetched.highWatermark !== target.sentHighWatermark ||
      fetched.logStartOffset !== target.sentLogStartOffset
    target.sentHighWatermark = fetched.highWatermark
    target.sentLogStartOffset = fetched.logStartOffset
    if (fetched.sizeBytes > 0) this.#session?.moveToEnd(target)
    return isNews
  }

  /** Partitions of which all is read and told need not be looked at until their logs change. */
  #letRest(attempt: FetchAttempt): void {
    const session = this.#session
    if (!session) return
    const { log: store } = this.#broker
    for (const [index, { target, log }] of this.#readable.entries()) {
      const fetched = attempt.partitions[index]
      const end = this.#isCommitted ? log.lastStableOffset : log.highWatermark
      const isAllTold =
        fetched?.error === 'NONE' &&
        fetched.sizeBytes === 0 &&
        log.state === 'open' &&
        target.fetchOffset >= end &&
        target.sentHighWatermark === log.highWatermark &&
        target.sentLogStartOffset === log.logStartOffset
      if (isAllTold) session.rest(target, (listener) => store.onGrowth(log, listener))
    }
  }

  #partition(target: FetchTarget, fetched: PartitionFetch): PartitionAnswer {
    const wantsAborted = this.#isCommitted && fetched.error === 'NONE'
    const hint = this.#leaderHint(target, fetched.error)
    return {
      partitionIndex: target.partition,
      errorCode: errors[this.#translate(fetched.error)].code,
      highWatermark: fetched.highWatermark,
      lastStableOffset: fetched.lastStableOffset,
      logStartOffset: fetched.logStartOffset,
      abortedTransactions: wantsAborted ? fetched.abortedTransactions : null,
      records: fetched.records,
      ...(hint ? { currentLeader: hint } : {}),
    }
  }

  /** KIP-951: a client whose idea of the leader is old is told the new one at once. */
  #leaderHint(target: FetchTarget, error: ErrorName) {
    if (error !== 'FENCED_LEADER_EPOCH' || this.#apiVersion < FIRST_WITH_LEADER_HINTS) return null
    const topic = this.#topicOf(target)
    const log = topic && this.#broker.log.find(topic.id, target.partition)
    return log ? { leaderId: this.#broker.node.id, leaderEpoch: log.leaderEpoch } : null
  }

  #ownEndpoint() {
    const { id, rack } = this.#broker.node
    return { nodeId: id, ...this.#broker.node.endpoint(this.#context.connection), rack }
  }

  #translate(error: ErrorName): ErrorName {
    if (error === 'KAFKA_STORAGE_ERROR' && this.#apiVersion < FIRST_WITH_STORAGE_ERROR) {
      return 'NOT_LEADER_OR_FOLLOWER'
    }
    return error
  }
}
