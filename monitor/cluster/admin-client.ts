/** Where the broker's admin API is, and the token by which it lets the monitor in. */
export interface AdminAddress {
  readonly url: string
  readonly token: string
}

/** Asked before each use, because a broker that starts again may be elsewhere; null while there is none. */
export type FindAdmin = () => Promise<AdminAddress | null>

/** One change through the admin API, as plain data: it can be shown, tried and carried out. */
export interface AdminRequest {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With its leading slash, without a query. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export interface AdminAnswer {
  readonly status: number
  /** Its JSON; null when there is none. */
  readonly body: unknown
  /** Version of what was answered, for `ifMatch`; null where it has none. */
  readonly etag: string | null
}

/** The broker cannot be reached, or does not answer as it should. */
export class BrokerUnreachableError extends Error {
  override readonly name: string = 'BrokerUnreachableError'
}

const TIMEOUT_MS = 10_000
/** A page is made in one piece, and clients of the broker wait for as long as that takes. */
const PAGE_SIZE = 100
/** The most that a page holds: of lists in an order that takes a look at every item for each page. */
export const LARGEST_PAGE = 1_000
/** Lists are cut there: what is beyond is looked at another time by other means. */
const MAX_ITEMS = 50_000

/** The broker's admin API as the monitor uses it. Nothing is kept between calls. */
export class AdminClient {
  readonly #find: FindAdmin

  constructor(find: FindAdmin) {
    this.#find = find
  }

  /** The JSON at a path; null when the broker knows no such thing, or the route is of a newer one. */
  async get<Answer>(path: string): Promise<Answer | null> {
    const answer = await this.look(path)
    if (answer.status === 404) return null
    if (answer.status !== 200)
      throw new BrokerUnreachableError(`GET ${path} answered ${answer.status}`)
    return answer.body as Answer
  }

  /** What is at a path, whatever the status. */
  async look(path: string): Promise<AdminAnswer> {
    const { url, token } = await this.#address()
    return ask(`${url}${path}`, { headers: bearer(token) })
  }

  /** All items of a list that answers `{<plural>: [...], next}`; none when the broker has no such list. */
  async list<Item>(path: string, plural: string, pageSize = PAGE_SIZE): Promise<readonly Item[]> {
    const items: Item[] = []
    let cursor: string | null = null
    for (let page = 0; page < MAX_ITEMS / pageSize; page++) {
      const query = new URLSearchParams({ limit: String(pageSize) })
      if (cursor !== null) query.set('cursor', cursor)
      const glue = path.includes('?') ? '&' : '?'
      const found: Readonly<Record<string, unknown>> | null = await this.get(
        `${path}${glue}${query}`,
      )
      if (found === null) return items
      items.push(...((found[plural] ?? []) as Item[]))
      cursor = typeof found.next === 'string' ? found.next : null
      if (cursor === null) return items
    }
    return items
  }

  /**
   * Carries out a change, or only tries it. `authorization` is the header of who asks for it, so that the
   * history names them and their role decides; null stands for the monitor itself.
   */
  async change(
    request: AdminRequest,
    options: {
      readonly dryRun: boolean
      readonly reason: string
      readonly authorization: string | null
      /** Only if nobody has changed it since it had this version. */
      readonly ifMatch?: string | null
    },
  ): Promise<AdminAnswer> {
    const { url, token } = await this.#address()
    const query = new URLSearchParams(request.query)
    query.set('reason', options.reason)
    if (options.dryRun) query.set('dryRun', 'true')
    const headers: Record<string, string> = {
      ...bearer(token),
      ...(options.authorization === null ? {} : { authorization: options.authorization }),
      ...(options.ifMatch ? { 'if-match': options.ifMatch } : {}),
      ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
    }
    return ask(`${url}${request.path}?${query}`, {
      method: request.method,
      headers,
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    })
  }

  async #address(): Promise<AdminAddress> {
    const address = await this.#find()
    if (address === null) throw new BrokerUnreachableError('no broker runs on the data directory')
    return address
  }
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}`, 'user-agent': 'glasslog-monitor' }
}

async function ask(url: string, init: RequestInit): Promise<AdminAnswer> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const response = await fetch(url, { ...init, signal, redirect: 'error' })
    const text = await response.text()
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    const body: unknown = isJson && text !== '' ? JSON.parse(text) : null
    return { status: response.status, body, etag: response.headers.get('etag') }
  } catch (cause) {
    const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
    throw new BrokerUnreachableError(
      `the broker does not answer: ${reason instanceof Error ? reason.message : String(reason)}`,
      { cause },
    )
  }
}
