import type { Clock, Disk, Random } from '../../kit/index.ts'
import { readWholeFile } from '../../kit/index.ts'
import type { Address, Authorization, HttpSettings } from '../config/config.ts'
import type { Outcome } from '../delivery/notifier.ts'
import type { HttpAnswer, HttpClient } from './http-client.ts'
import { originOf, scrub, secretPartsOf } from './scrub.ts'
import type { SecretSource } from './secret-source.ts'

export interface HttpPorts {
  readonly send: HttpClient
  readonly secrets: SecretSource
  readonly disk: Disk
  readonly clock: Clock
  readonly random: Random
}

/** What is to be delivered over HTTP, once its secrets are known. */
export interface Delivery {
  readonly url: Address
  readonly http: HttpSettings
  readonly timeoutMs: number
  readonly method?: 'POST' | 'PUT' | 'PATCH'
  /** `secret` reads one, and keeps it out of whatever is told of the delivery. */
  readonly compose: (
    secret: SecretSource['read'],
  ) => Promise<{ readonly headers: Readonly<Record<string, string>>; readonly body: string }>
  /** Changes the address, for those that hold secrets. */
  readonly completeUrl?: (url: string, secret: SecretSource['read']) => Promise<string>
}

/** Brings something to a server, once. Never rejects; what it answers holds none of the secrets. */
export async function deliverByHttp(ports: HttpPorts, delivery: Delivery): Promise<Outcome> {
  const used: string[] = []
  const secret: SecretSource['read'] = async (reference) => {
    const value = await ports.secrets.read(reference)
    used.push(value)
    return value
  }
  try {
    const answer = await request(ports, delivery, secret, used)
    return outcomeOf(answer, used, ports.clock)
  } catch (error) {
    return {
      kind: 'failed',
      answer: scrub(messageOf(error), used),
      isRefused: false,
      retryAfterMs: null,
    }
  }
}

async function request(
  { send, disk }: HttpPorts,
  delivery: Delivery,
  secret: SecretSource['read'],
  used: string[],
): Promise<HttpAnswer> {
  const { http, timeoutMs } = delivery
  const plain = delivery.url.kind === 'plain' ? delivery.url.url : await secret(delivery.url.secret)
  const url = (await delivery.completeUrl?.(plain, secret)) ?? plain
  // An address with a token in it is a secret wherever it is kept, and servers like to repeat it.
  used.push(...secretPartsOf(url))
  if (delivery.url.kind === 'secret') used.push(URL.parse(url)?.hostname ?? '')
  const { headers, body } = await delivery.compose(secret)
  const authorization = await authorizationOf(http.authorization, secret, used)
  const { caFile } = http.tls
  return send({
    url,
    method: delivery.method ?? 'POST',
    headers: { 'user-agent': 'Glasslog', ...headers, ...authorization },
    body: Buffer.from(body),
    timeoutMs,
    tls: http.tls,
    ca: caFile === null ? null : await readCertificates(disk, caFile),
  })
}

async function authorizationOf(
  authorization: Authorization | null,
  secret: SecretSource['read'],
  used: string[],
): Promise<Record<string, string>> {
  if (authorization === null) return {}
  if (authorization.kind === 'bearer') {
    const credentials = await secret(authorization.credentials)
    return { authorization: `${authorization.scheme} ${credentials}` }
  }
  const password = await secret(authorization.password)
  const pair = Buffer.from(`${authorization.username}:${password}`).toString('base64')
  used.push(pair)
  return { authorization: `Basic ${pair}` }
}

export async function readCertificates(disk: Disk, path: string): Promise<Buffer> {
  const bytes = await readWholeFile(disk, path)
  if (bytes === null) throw new Error(`there is no file ${path}`)
  return bytes
}

function outcomeOf(
  { status, text, retryAfter }: HttpAnswer,
  used: string[],
  clock: Clock,
): Outcome {
  const answer = scrub(`HTTP ${status}${text === '' ? '' : `: ${text}`}`, used)
  if (status >= 200 && status < 300) return { kind: 'delivered', answer }
  return {
    kind: 'failed',
    answer,
    // Too many requests and timeouts say nothing about what was sent.
    isRefused: status >= 300 && status < 500 && status !== 408 && status !== 429,
    retryAfterMs: parseRetryAfter(retryAfter, clock.now()),
  }
}

/** RFC 9110, 10.2.3: seconds, or a date. */
function parseRetryAfter(text: string | null, nowMs: number): number | null {
  if (text === null) return null
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs
  return Number.isFinite(ms) ? Math.max(0, ms) : null
}

export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // A refused connection to a name with several addresses has its reasons within.
  if (error instanceof AggregateError && error.message === '')
    return error.errors.map(messageOf).join('; ')
  return error.message
}

/** Where an address leads, without what may be secret in it. */
export function describeAddress(address: Address): string {
  if (address.kind === 'plain') return originOf(address.url)
  const { secret } = address
  return secret.kind === 'file' ? `address in ${secret.path}` : `address in $${secret.name}`
}
