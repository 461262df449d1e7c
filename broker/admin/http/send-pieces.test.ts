import type { Server, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { SimTime } from '../../../kit/testing.ts'
import { createSimTime } from '../../../kit/testing.ts'
import { createHttpServer } from './http-server.ts'
import type { SendLimit } from './send-pieces.ts'
import { sendPieces } from './send-pieces.ts'

const PIECE_BYTES = 64 * 1024
/** More than the buffers of both sockets take. */
const MANY_PIECES = 1_000
const LIMIT_MS = 60_000

let time: SimTime
let limit: SendLimit
let server: Server
let asked: Promise<void>
/** Pieces asked for. */
let made = 0
let isEnded = false

/** Every piece is the same memory, with the number of the piece in all of its bytes. */
async function* pieces(count: number): AsyncGenerator<Uint8Array> {
  const memory = Buffer.alloc(PIECE_BYTES)
  try {
    for (made = 0; made < count; ) {
      yield memory.fill(made++ % 251)
    }
  } finally {
    isEnded = true
  }
}

async function ask(answer: (response: ServerResponse) => Promise<void>): Promise<Socket> {
  isEnded = false
  const done = Promise.withResolvers<void>()
  asked = done.promise
  server = createHttpServer(null, (_, response) => {
    void answer(response).then(done.resolve, done.reject)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  client.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
  return client
}

/** The buffers of the sockets are full once no more pieces are made in many turns of the event loop. */
async function untilNoMoreAreMade(): Promise<void> {
  let before = -1
  for (let still = 0; still < 200; still = made === before ? still + 1 : 0) {
    before = made
    await new Promise(setImmediate)
  }
}

beforeEach(() => {
  time = createSimTime()
  limit = { timers: time.timers, limitMs: LIMIT_MS }
})

afterEach(() => new Promise((resolve) => void server.close(resolve)))

it('sends each piece before its memory is used for the next', async () => {
  const client = await ask((response) => sendPieces(response, pieces(100), limit))
  const received: Buffer[] = []
  for await (const chunk of client) received.push(chunk as Buffer)
  await asked
  expect(time.pendingTimers).toBe(0)
  // In chunks of HTTP, each as large as a piece.
  const chunk = (n: number): Buffer => {
    const bytes = Buffer.alloc(PIECE_BYTES, n % 251)
    return Buffer.concat([
      Buffer.from(`${PIECE_BYTES.toString(16)}\r\n`),
      bytes,
      Buffer.from('\r\n'),
    ])
  }
  const all = Buffer.concat(received)
  const body = all.subarray(all.indexOf('\r\n\r\n') + 4)
  const expected = [...Array.from({ length: 100 }, (_, n) => chunk(n)), Buffer.from('0\r\n\r\n')]
  expect(body.equals(Buffer.concat(expected))).toBe(true)
})

it('asks for nothing that a slow reader does not take, and ends with a client that goes', async () => {
  const client = await ask((response) => sendPieces(response, pieces(MANY_PIECES), limit))
  client.pause()
  await untilNoMoreAreMade()
  expect(made).toBeLessThan(MANY_PIECES)
  client.destroy()
  await asked
  expect(made).toBeLessThan(MANY_PIECES)
  expect(isEnded).toBe(true)
  expect(time.pendingTimers).toBe(0)
})

it('cuts off who does not take all of it in time', async () => {
  const client = await ask((response) => sendPieces(response, pieces(MANY_PIECES), limit))
  const closed = new Promise((resolve) => client.once('close', resolve))
  client.on('error', () => {})
  client.pause()
  await untilNoMoreAreMade()
  await time.advance(LIMIT_MS - 1)
  await untilNoMoreAreMade()
  expect(isEnded).toBe(false)
  await time.advance(1)
  await asked
  expect(isEnded).toBe(true)
  expect(made).toBeLessThan(MANY_PIECES)
  client.resume()
  await closed
})

it('passes on what fails while pieces are made', async () => {
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('a')
    throw new Error('a family that cannot be read')
  }
  const client = await ask(async (response) => {
    await expect(sendPieces(response, failing(), limit)).rejects.toThrow('cannot be read')
    response.destroy()
  })
  client.resume()
  await asked
})
