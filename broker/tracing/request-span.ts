import type { RequestStage, RequestTrace, TraceContext, TracedRequest } from '../handlers/index.ts'
import type { OpenSpan, Spans } from './spans.ts'

/** Stages that are told one by one; a request that waits and works more often has the rest in one. */
const MAX_STAGES = 32

/** What the handlers of some APIs do while they work. */
const WORK: Readonly<Record<string, string>> = { Produce: 'append', Fetch: 'read' }

interface Stage {
  readonly name: string
  readonly fromMs: number
}

/** The span of one request, with a span for each of its stages inside. */
export class RequestSpan implements RequestTrace {
  readonly #request: TracedRequest
  readonly #spans: Spans
  readonly #span: OpenSpan
  readonly #stages: Stage[]

  constructor(request: TracedRequest, spans: Spans, parent: TraceContext | null) {
    const { api, apiVersion, clientId, connection } = request
    this.#request = request
    this.#spans = spans
    this.#stages = stagesSoFar(request)
    this.#span = spans.start({
      ...{ name: api, kind: 'server', parent, fromMs: request.receivedAtMs },
      attributes: {
        'messaging.system': 'kafka',
        ...(clientId === null ? {} : { 'messaging.client.id': clientId }),
        'network.peer.address': connection.address,
        'network.peer.port': connection.remotePort,
        'glasslog.listener': connection.listener,
        'glasslog.api.version': apiVersion,
        'glasslog.request.size_bytes': request.sizeBytes,
      },
    })
  }

  get traceId(): string {
    return this.#span.context.traceId
  }

  get context(): TraceContext {
    return this.#span.context
  }

  enter(stage: RequestStage, atMs: number): void {
    if (this.#stages.length < MAX_STAGES || stage === 'send') {
      this.#stages.push({ name: nameOf(stage, this.#request), fromMs: atMs })
    }
  }

  end(atMs: number, failure: string | undefined): void {
    const parent = this.#span.context
    for (const [index, { name, fromMs }] of this.#stages.entries()) {
      const toMs = this.#stages[index + 1]?.fromMs ?? atMs
      if (toMs <= fromMs) continue
      const stage = { name, kind: 'internal', parent, fromMs: this.wallMs(fromMs) } as const
      this.#spans.start(stage).end(this.wallMs(toMs))
    }
    const { throttleTimeMs } = this.#request
    if (throttleTimeMs > 0) this.#span.set('glasslog.throttle_time_ms', throttleTimeMs)
    this.#span.end(this.wallMs(atMs), failure)
  }

  /** An instant of the monotonic clock on the wall. */
  wallMs(atMs: number): number {
    return this.#request.receivedAtMs + (atMs - this.#request.arrivedMs)
  }
}

/**
 * What a request did before anybody knew that it is traced. Of working and waiting only the sums are
 * known, so that the waiting is told as if it had been in one piece.
 */
function stagesSoFar(request: TracedRequest): Stage[] {
  const { arrivedMs, startedMs, workMs, waitMs } = request
  const stages: Stage[] = [{ name: 'queue', fromMs: arrivedMs }]
  const work = nameOf('work', request)
  stages.push({ name: work, fromMs: startedMs })
  if (waitMs > 0) {
    stages.push({ name: 'wait', fromMs: startedMs + workMs })
    stages.push({ name: work, fromMs: startedMs + workMs + waitMs })
  }
  return stages
}

function nameOf(stage: RequestStage, { api }: TracedRequest): string {
  return stage === 'work' ? (WORK[api] ?? 'local') : stage
}
