import type { Encodable, Message, TypeOf } from '../../../protocol/index.ts'
import {
  codec,
  errorByCode,
  Reader,
  readResponseHeader,
  responseHeaderVersion,
  SaslAuthenticateRequest,
  SaslAuthenticateResponse,
  SaslHandshakeRequest,
  SaslHandshakeResponse,
} from '../../../protocol/index.ts'
import type { RawClient } from '../../support/client.ts'
import { connectRaw, encodeRequest } from '../../support/client.ts'

/** Where the broker is now; another one after each kill. */
export interface Address {
  readonly kafkaPort: number
  readonly adminUrl: string
}

/** An answer of the HTTP door. */
export interface HttpAnswer {
  readonly status: number
  /** NONE, or the problem's code as Kafka writes it. */
  readonly code: string
  readonly body: { readonly [name: string]: unknown }
}

/** Asks the HTTP door. The mark goes into the record as the name of the software that asks. */
export async function askHttp(
  { adminUrl }: Address,
  target: string,
  options: { readonly token: string; readonly mark: string; readonly body?: unknown },
): Promise<HttpAnswer> {
  const { token, mark, body } = options
  const [method = '', path = ''] = target.split(' ', 2)
  const response = await fetch(`${adminUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      'user-agent': mark,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  const parsed = (isJson && text !== '' ? JSON.parse(text) : {}) as HttpAnswer['body']
  const code = response.ok ? 'NONE' : String(parsed.code).toUpperCase().replaceAll('-', '_')
  return { status: response.status, code, body: parsed }
}

/** One connection to the Kafka door, logged in; one request at a time. */
export class KafkaDoor {
  readonly #client: RawClient
  #correlationId = 1000

  private constructor(client: RawClient) {
    this.#client = client
  }

  /** Throws when the login is refused. */
  static async logIn(port: number, user: string, password: string): Promise<KafkaDoor> {
    const client = await connectRaw(port)
    const door = new KafkaDoor(client)
    try {
      await door.ask('login', SaslHandshakeRequest, SaslHandshakeResponse, 1, {
        mechanism: 'PLAIN',
      })
      const authBytes = Buffer.from(`\0${user}\0${password}`)
      const answer = await door.ask('login', SaslAuthenticateRequest, SaslAuthenticateResponse, 2, {
        authBytes,
      })
      if (answer.errorCode !== 0) throw new LoginRefused(answer.errorMessage ?? '')
      return door
    } catch (error) {
      await client.close()
      throw error
    }
  }

  /** The mark goes into the record as the client id. */
  async ask<Req extends Message, Res extends Message>(
    mark: string,
    request: Req,
    response: Res,
    version: number,
    body: Encodable<Req>,
  ): Promise<TypeOf<Res>> {
    const correlationId = ++this.#correlationId
    const header = { correlationId, clientId: mark }
    this.#client.write(encodeRequest(request, version, body, header))
    const reader = new Reader(await this.#client.nextFrame())
    const answered = readResponseHeader(reader, responseHeaderVersion(response, version))
    if (answered !== correlationId) throw new Error(`${answered} answers ${correlationId}`)
    return codec(response, version).read(reader) as TypeOf<Res>
  }

  close(): Promise<void> {
    return this.#client.close()
  }
}

export class LoginRefused extends Error {
  override readonly name = 'LoginRefused'
}

export function nameOfCode(code: number): string {
  return errorByCode(code)?.name ?? `error ${code}`
}
