import type { Encodable, Message, Reader, TypeOf, Writer } from '../../protocol/index.ts'
import { codec } from '../../protocol/index.ts'
import type { Hold } from '../quotas/index.ts'
import type { ConnectionView } from './connection-view.ts'
import type { RequestTimes, RequestTrace } from './request-trace.ts'
import type { BrokerServices } from './services.ts'

/**
 * When a request may start and what it may overtake. `append`: runs synchronously, in the order of
 * arrival, up to its first await, and then overlaps with what follows (Produce); byte fields of its
 * request are lent until then. `read`: overlaps too (Fetch). `ordered`: has its connection for
 * itself; it starts when every earlier request is answered, and later ones start when it is.
 * Whatever the stage, responses leave a connection in the order of its requests.
 */
export type Stage = 'append' | 'read' | 'ordered'

/** What a principal must be allowed before the handler does its work; data for docs and the authorizer. */
export interface Permission {
  readonly operation:
    | 'READ'
    | 'WRITE'
    | 'CREATE'
    | 'DELETE'
    | 'ALTER'
    | 'DESCRIBE'
    | 'CLUSTER_ACTION'
    | 'DESCRIBE_CONFIGS'
    | 'ALTER_CONFIGS'
    | 'IDEMPOTENT_WRITE'
    | 'CREATE_TOKENS'
    | 'DESCRIBE_TOKENS'
  readonly resource:
    | 'TOPIC'
    | 'GROUP'
    | 'CLUSTER'
    | 'TRANSACTIONAL_ID'
    | 'DELEGATION_TOKEN'
    | 'USER'
}

export interface VersionRange {
  readonly min: number
  readonly max: number
}

/** One request, apart from its body. */
export interface RequestContext extends RequestTimes {
  /** Name of the API, as in `Handler`. */
  readonly api: string
  readonly apiVersion: number
  readonly correlationId: number
  readonly clientId: string | null
  readonly connection: ConnectionView
  /** Wall-clock time at which the whole frame had arrived. */
  readonly receivedAtMs: number
  /** Bytes of the whole request, its header included. */
  readonly sizeBytes: number
  /** What follows the request; most are not traced. */
  trace: RequestTrace | undefined
  /**
   * A `read` handler says when it begins to wait and when it goes on, because what it does meanwhile
   * may be reading. The others wait from their first await on, and say nothing.
   */
  enter(stage: 'work' | 'wait'): void
  /**
   * Runs `action` once nobody needs the response's bytes any more: the socket took them, or the
   * connection is gone. For memory that the response points into.
   */
  whenSent(action: () => void): void
  /**
   * Quotas ask the client to wait: the answer says for how long (`throttleTimeMs`), and nothing more
   * is taken from the connection until then. The longest of several counts.
   */
  throttle(hold: Hold): void
}

/** Thrown by a handler that wants the connection closed without an answer, as the protocol asks in places. */
export class CloseConnection extends Error {
  override readonly name = 'CloseConnection'
}

/** How one API is served. Request and response are opaque here; `defineHandler` knows their types. */
export interface Handler {
  readonly apiKey: number
  readonly name: string
  readonly versions: VersionRange
  readonly stage: Stage
  readonly permissions: readonly Permission[]
  /** For docs/compatibility.md: what a reader should know, and what is left out and why. */
  readonly notes: readonly string[]
  readonly skipped: readonly string[]
  readonly request: Message
  readonly response: Message
  /** What a request in a version that is not served gets, and in which version; without it, a closed connection. */
  readonly unsupported: { readonly version: number; readonly response: unknown } | null
  /** Throws the protocol's decoding error when the bytes are not a request of that version. */
  decode(reader: Reader, version: number): unknown
  /** Answers the response, or null when the request gets none. */
  handle(request: unknown, context: RequestContext, broker: BrokerServices): unknown
  encode(writer: Writer, version: number, response: unknown): void
}

interface HandlerOptions<Res extends Message> {
  /** As in Kafka's message descriptions: `0-9`, or `3` alone. */
  readonly versions: string
  readonly stage: Stage
  readonly permissions: readonly Permission[]
  readonly notes?: readonly string[]
  readonly skipped?: readonly string[]
  readonly unsupported?: { readonly version: number; readonly response: Encodable<Res> }
}

type Answer<Response> = Response | null | Promise<Response | null>

/** Declares the handler of one API: the one place that its versions, stage and permissions are written down. */
export function defineHandler<Req extends Message, Res extends Message>(
  request: Req,
  response: Res,
  options: HandlerOptions<Res>,
  handle: (
    request: TypeOf<Req>,
    context: RequestContext,
    broker: BrokerServices,
  ) => Answer<Encodable<Res>>,
): Handler {
  return {
    apiKey: request.apiKey,
    name: request.name.replace(/Request$/, ''),
    versions: parseVersions(options.versions),
    stage: options.stage,
    permissions: options.permissions,
    notes: options.notes ?? [],
    skipped: options.skipped ?? [],
    unsupported: options.unsupported ?? null,
    request,
    response,
    decode: (reader, version) => codec(request, version).read(reader),
    // The connection hands back what `decode` and `handle` of this same object answered.
    handle: (decoded, context, broker) => handle(decoded as TypeOf<Req>, context, broker),
    encode: (writer, version, answer) =>
      codec(response, version).write(writer, answer as Encodable<Res>),
  }
}

function parseVersions(text: string): VersionRange {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text)
  if (!match) throw new Error(`not a version range: ${JSON.stringify(text)}`)
  const min = Number(match[1])
  return { min, max: Number(match[2] ?? match[1]) }
}
