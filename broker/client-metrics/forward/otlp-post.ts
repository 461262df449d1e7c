/** Where OTLP over HTTP goes to (OpenTelemetry protocol, protobuf encoding). */
export interface OtlpTarget {
  /** The base address; `/v1/metrics` is put behind it. */
  readonly endpoint: string
  /** For all requests, such as a login. */
  readonly headers: Readonly<Record<string, string>>
}

/** What a collector answered; `retryAfterMs` is null when it did not say. */
export interface OtlpAnswer {
  readonly status: number
  readonly retryAfterMs: number | null
}

/** Sends one request body. Rejects when there was no answer in time. */
export type OtlpPost = (body: Buffer) => Promise<OtlpAnswer>

const TIMEOUT_MS = 10_000

/**
 * Posts MetricsData, which an export request is on the wire. Follows no redirects. HTTP is loaded with the first
 * post: most brokers have no collector, and theirs need not be in memory.
 */
export function otlpPost({ endpoint, headers }: OtlpTarget): OtlpPost {
  const url = new URL(`${endpoint.replace(/\/+$/, '')}/v1/metrics`)
  const isSecure = url.protocol === 'https:'
  return async (body) => {
    const { request } = await (isSecure ? import('node:https') : import('node:http'))
    return new Promise((resolve, reject) => {
      const outgoing = request(url, {
        method: 'POST',
        headers: {
          ...headers,
          'content-type': 'application/x-protobuf',
          'content-length': String(body.length),
        },
        signal: AbortSignal.timeout(TIMEOUT_MS),
        agent: false,
      })
      outgoing.once('error', reject)
      outgoing.once('response', (answer) => {
        const status = answer.statusCode ?? 0
        const retryAfterMs = retryAfterOf(answer.headers['retry-after'])
        // Nobody reads more of it, and the connection is not kept.
        answer.destroy()
        resolve({ status, retryAfterMs })
      })
      outgoing.end(body)
    })
  }
}

/** In seconds; a date, which is also allowed, is as good as nothing. */
function retryAfterOf(header: string | undefined): number | null {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : null
}
