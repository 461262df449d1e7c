import type { Socket } from 'node:net'
import { connect } from 'node:net'
import type { Encodable, Message, TypeOf } from '../../protocol/index.ts'
import {
  codec,
  Reader,
  readResponseHeader,
  requestHeaderVersion,
  responseHeaderVersion,
  Writer,
  writeRequestHeader,
} from '../../protocol/index.ts'

/**
 * A client for tests that knows the bytes of the protocol and nothing else: no retries, no metadata,
 * no groups. It pipelines: every `send` goes out at once, and answers are matched in order, which is
 * also a check, since the correlation id must be the one that is due.
 */
export interface RawClient {
  /** Sends a request and answers its decoded response. Rejects when the connection ends first. */
  send<Req extends Message, Res extends Message>(
    request: Req,
    response: Res,
    version: number,
    body: Encodable<Req>,
  ): Promise<TypeOf<Res>>
  /** Sends a request that gets no response. */
  post<Req extends Message>(request: Req, version: number, body: Encodable<Req>): void
  /** Sends bytes as they are, for what no honest client would say. */
  write(bytes: Uint8Array): void
  /** The next response's bytes without their size, when `write` asked for one. */
  nextFrame(): Promise<Buffer>
  /** No more requests from here; answers still come. */
  end(): void
  /** Stops and goes on reading from the socket. */
  pause(): void
  resume(): void
  /** Resolves when the broker has closed the connection. */
  readonly closed: Promise<void>
  close(): Promise<void>
}

interface Waiting {
  readonly resolve: (frame: Buffer) => void
  readonly reject: (error: Error) => void
}

interface RawClientOptions {
  readonly clientId?: string | null
}

/** Connects to a broker on this machine. */
export async function connectRaw(port: number, options: RawClientOptions = {}): Promise<RawClient> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  return new SocketClient(socket, options.clientId === undefined ? 'test' : options.clientId)
}

/** A whole request as bytes: size, header, body. */
export function encodeRequest<Req extends Message>(
  request: Req,
  version: number,
  body: Encodable<Req>,
  header: { readonly correlationId: number; readonly clientId: string | null },
): Buffer {
  const writer = new Writer()
  writer.int32(0)
  writeRequestHeader(writer, requestHeaderVersion(request, version), {
    apiKey: request.apiKey,
    apiVersion: version,
    ...header,
  })
  codec(request, version).write(writer, body)
  writer.patchFirstInt32(writer.sizeBytes - 4)
  return Buffer.concat(writer.finish())
}

class SocketClient implements RawClient {
  readonly closed: Promise<void>
  readonly #socket: Socket
  readonly #clientId: string | null
  readonly #waiting: Waiting[] = []
  readonly #unclaimed: Buffer[] = []
  #received: Buffer = Buffer.alloc(0)
  #correlationId = 0
  #isGone = false

  constructor(socket: Socket, clientId: string | null) {
    this.#socket = socket
    this.#clientId = clientId
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('error', () => {})
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#isGone = true
        for (const { reject } of this.#waiting.splice(0)) reject(new Error('connection closed'))
        resolve()
      })
    })
  }

  async send<Req extends Message, Res extends Message>(
    request: Req,
    response: Res,
    version: number,
    body: Encodable<Req>,
  ): Promise<TypeOf<Res>> {
    const correlationId = this.#write(request, version, body)
    const reader = new Reader(await this.nextFrame())
    const answered = readResponseHeader(reader, responseHeaderVersion(response, version))
    if (answered !== correlationId) {
      throw new Error(`response ${answered} came where ${correlationId} was due`)
    }
    const decoded = codec(response, version).read(reader)
    reader.expectEnd()
    return decoded as TypeOf<Res>
  }

  post<Req extends Message>(request: Req, version: number, body: Encodable<Req>): void {
    this.#write(request, version, body)
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes)
  }

  nextFrame(): Promise<Buffer> {
    const frame = this.#unclaimed.shift()
    if (frame) return Promise.resolve(frame)
    if (this.#isGone) return Promise.reject(new Error('connection closed'))
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  end(): void {
    this.#socket.end()
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  async close(): Promise<void> {
    this.#socket.destroy()
    await this.closed
  }

  #write<Req extends Message>(request: Req, version: number, body: Encodable<Req>): number {
    const correlationId = ++this.#correlationId
    const header = { correlationId, clientId: this.#clientId }
    this.#socket.write(encodeRequest(request, version, body, header))
    return correlationId
  }

  #read(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    while (this.#received.length >= 4) {
      const end = 4 + this.#received.readInt32BE(0)
      if (this.#received.length < end) return
      const frame = this.#received.subarray(4, end)
      this.#received = this.#received.subarray(end)
      const waiting = this.#waiting.shift()
      if (waiting) waiting.resolve(frame)
      else this.#unclaimed.push(frame)
    }
  }
}
