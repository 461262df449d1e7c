import http from 'node:http'
import https from 'node:https'
import type { TlsSettings } from '../config/config.ts'

export interface HttpRequest {
  readonly url: string
  readonly method: 'POST' | 'PUT' | 'PATCH'
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** For all of it, from looking up the name to the last byte of the answer. */
  readonly timeoutMs: number
  readonly tls: TlsSettings
  /** Certificates that are trusted instead of the system's; null takes those. */
  readonly ca: Buffer | null
}

export interface HttpAnswer {
  readonly status: number
  readonly retryAfter: string | null
  /** The beginning of it. */
  readonly text: string
}

/** One request over HTTP. Rejects when there was no answer in time. */
export type HttpClient = (request: HttpRequest) => Promise<HttpAnswer>

const MAX_ANSWER_BYTES = 8 * 1024

/** Follows no redirects, asks no proxy, and keeps no more of an answer than is shown. */
export const httpClient: HttpClient = (request) =>
  new Promise((resolve, reject) => {
    const url = new URL(request.url)
    const { tls, ca, method, body } = request
    const options = {
      method,
      headers: { ...request.headers, 'content-length': String(body.length) },
      signal: AbortSignal.timeout(request.timeoutMs),
      // Notifications are rare: a connection that is kept would mostly be found dead.
      agent: false as const,
    }
    const secure = {
      rejectUnauthorized: tls.verify,
      ...(tls.serverName === null ? {} : { servername: tls.serverName }),
      ...(ca === null ? {} : { ca }),
    }
    const outgoing =
      url.protocol === 'https:'
        ? https.request(url, { ...options, ...secure })
        : http.request(url, options)
    outgoing.once('error', (error) => reject(explain(error, request.timeoutMs)))
    outgoing.once('response', (incoming) => {
      readStart(incoming).then(
        (text) => {
          resolve({
            status: incoming.statusCode ?? 0,
            retryAfter: incoming.headers['retry-after'] ?? null,
            text,
          })
        },
        (error: unknown) => reject(explain(error, request.timeoutMs)),
      )
    })
    outgoing.end(body)
  })

async function readStart(incoming: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming) {
    chunks.push(chunk as Buffer)
    size += (chunk as Buffer).length
    if (size >= MAX_ANSWER_BYTES) break
  }
  incoming.destroy()
  return Buffer.concat(chunks).toString('utf8', 0, MAX_ANSWER_BYTES)
}

function explain(error: unknown, timeoutMs: number): Error {
  if (!(error instanceof Error)) return new Error(String(error))
  const isTimeout = error.name === 'AbortError' || error.name === 'TimeoutError'
  return isTimeout ? new Error(`no answer within ${timeoutMs} ms`, { cause: error }) : error
}
