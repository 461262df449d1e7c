import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tokenProof } from '../kit/index.ts'
import { CommandFailure, EXIT } from './exit-codes.ts'

/** Where a running broker's admin API is and how to get in. */
export interface AdminTarget {
  readonly url: string
  readonly token: string
}

/** A broker that hangs takes connections and answers none: whoever waits for it would not see that it is down. */
const PROOF_TIMEOUT_MS = 3_000

/**
 * Finds the broker that a client command talks to: `--admin URL --token TOKEN`, the same without a token
 * when it is the one of the data directory's `root.token`, or the one that runs
 * on the data directory, which left its address there. Null when none runs on it: the address that a
 * killed one left may be somebody else's by now, who is not to be sent the token. So what listens there
 * has to show first that it knows it.
 */
export async function findAdmin(flags: {
  readonly admin?: string | undefined
  readonly token?: string | undefined
  readonly dataDir: string
  /** What who listens there has, to show that it knows the token. */
  readonly proofTimeoutMs?: number
}): Promise<AdminTarget | null> {
  const { proofTimeoutMs = PROOF_TIMEOUT_MS } = flags
  if (flags.admin !== undefined) {
    const token = flags.token ?? (await readText(join(flags.dataDir, 'root.token')))
    if (token === null) {
      throw new CommandFailure(
        '--admin needs --token TOKEN (see root.token of its data directory)',
        EXIT.usage,
      )
    }
    const target = { url: flags.admin.replace(/\/+$/, ''), token: token.trim() }
    // A token that was given is for that address. One that was found must not go to whoever is there.
    if (flags.token !== undefined || (await knowsSecret(target, proofTimeoutMs))) return target
    throw new CommandFailure(
      `${target.url} does not answer, or did not show that it knows the token in ${flags.dataDir}; start that broker, or give --token TOKEN of another`,
      EXIT.failed,
    )
  }
  const endpoints = await readText(join(flags.dataDir, 'endpoints.json'))
  const stored = await readText(join(flags.dataDir, 'root.token'))
  if (endpoints === null || stored === null) return null
  const url = addressIn(endpoints, 'admin')
  if (url === null) return null
  const target = { url, token: stored.trim() }
  return (await knowsSecret(target, proofTimeoutMs)) ? target : null
}

/** The root account's token of a data directory; null where there is none yet. */
export async function readRootToken(dataDir: string): Promise<string | null> {
  return (await readText(join(dataDir, 'root.token')))?.trim() ?? null
}

/** A text in the file that a process leaves behind for those who look for it; null when it cannot be read, as after a crash. */
export function addressIn(json: string, name: string): string | null {
  try {
    const value: unknown = (JSON.parse(json) as Record<string, unknown> | null)?.[name]
    return typeof value === 'string' ? value : null
  } catch {
    return null
  }
}

/** Whether who listens there has the token, or the secret that is in its place. */
export async function knowsSecret(
  { url, token }: AdminTarget,
  timeoutMs = PROOF_TIMEOUT_MS,
): Promise<boolean> {
  if (!URL.canParse(url)) return false
  const challenge = randomBytes(32).toString('base64url')
  const headers = { 'glasslog-challenge': challenge }
  const { port, protocol } = new URL(url)
  const listensAt = port === '' ? { 'http:': 80, 'https:': 443 }[protocol] : Number(port)
  if (listensAt === undefined) return false
  const signal = AbortSignal.timeout(timeoutMs)
  const proof = await fetch(`${url}/healthz`, { headers, redirect: 'error', signal }).then(
    async (response) => {
      await response.body?.cancel()
      return response.headers.get('glasslog-proof')
    },
    () => null,
  )
  return proof === tokenProof(token, challenge, listensAt)
}

/** What the admin API answered instead of what was asked for. */
export class AdminRefusal extends CommandFailure {
  readonly status: number

  constructor(message: string, status: number) {
    super(message, EXIT.failed)
    this.name = 'AdminRefusal'
    this.status = status
  }
}

/** Asks the admin API; a problem document becomes a failure with its own words. */
export async function askAdmin(target: AdminTarget, path: string): Promise<unknown> {
  return jsonOf(target, await fetchAdmin(target, path))
}

/** Sends JSON to the admin API, and answers what it answers. */
export async function postAdmin(target: AdminTarget, path: string, body: object): Promise<unknown> {
  return jsonOf(target, await fetchAdmin(target, path, { body }))
}

/** All bytes of an answer. */
export async function readAdmin(target: AdminTarget, path: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetchAdmin(target, path)).arrayBuffer())
}

/**
 * The bytes of an answer as they come; a connection that breaks off becomes a failure, and so does an
 * answer of another media type than the one that is named.
 */
export async function* streamAdmin(
  target: AdminTarget,
  path: string,
  { mediaType, ...asked }: Pick<Asked, 'headers' | 'signal'> & { readonly mediaType?: string } = {},
): AsyncGenerator<Uint8Array> {
  const { body, headers } = await fetchAdmin(target, path, asked)
  const given = headers.get('content-type') ?? 'nothing'
  if (mediaType !== undefined && !given.startsWith(mediaType)) {
    await body?.cancel()
    throw new CommandFailure(
      `${target.url} answered with ${given}, not with ${mediaType}`,
      EXIT.failed,
    )
  }
  if (!body) return
  try {
    yield* body
  } catch (cause) {
    throw unreachable(target, cause)
  }
}

interface Asked {
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

async function fetchAdmin(
  target: AdminTarget,
  path: string,
  { body, headers: more = {}, signal }: Asked = {},
): Promise<Response> {
  const headers = { authorization: `Bearer ${target.token}`, 'user-agent': 'glasslog-cli', ...more }
  const request: RequestInit =
    body === undefined
      ? { headers, signal: signal ?? null }
      : {
          method: 'POST',
          signal: signal ?? null,
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }
  const response = await fetch(`${target.url}${path}`, request).catch((cause: unknown) => {
    throw unreachable(target, cause)
  })
  if (response.ok) return response
  const problem = (await jsonOf(target, response)) as { title?: string; detail?: string } | null
  throw new AdminRefusal(
    `${problem?.title ?? response.statusText}: ${problem?.detail ?? ''}`,
    response.status,
  )
}

/** A proxy on the way, or another server, answers with a page of its own. */
async function jsonOf(target: AdminTarget, response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw unreachable(target, cause)
    const status = `${response.status} ${response.statusText}`.trim()
    throw new CommandFailure(`${target.url} answered ${status} and no JSON`, EXIT.failed)
  }
}

function unreachable(target: AdminTarget, cause: unknown): CommandFailure {
  const reason =
    cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : cause
  return new CommandFailure(`cannot reach ${target.url}: ${reason}`, EXIT.failed)
}

export async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null
    throw cause
  }
}
