import { expect, it } from 'vitest'
import { CommandFailure } from '../../exit-codes.ts'
import type { ServerSentEvent } from './server-sent-events.ts'
import { serverSentEvents } from './server-sent-events.ts'

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(text: string, size: number): Promise<readonly ServerSentEvent[]> {
  const messages: ServerSentEvent[] = []
  for await (const message of serverSentEvents(inPieces(Buffer.from(text), size))) {
    messages.push(message)
  }
  return messages
}

const STREAM = [
  'retry: 1500\n: events follow\n\n',
  'id: 3\ndata: {"name":"Ä: b"}\n\n',
  ': nothing new\nid: 5\n\n',
  'event: gap\ndata: one\ndata:two\n\n',
  'data: cut o',
]

const READ: readonly ServerSentEvent[] = [
  { lastId: null, type: 'message', data: null, retryMs: 1500 },
  { lastId: '3', type: 'message', data: '{"name":"Ä: b"}', retryMs: 1500 },
  { lastId: '5', type: 'message', data: null, retryMs: 1500 },
  { lastId: '5', type: 'gap', data: 'one\ntwo', retryMs: 1500 },
]

it.each([1, 2, 7, 1000])('reads messages that come in pieces of %i bytes', async (size) => {
  expect(await read(STREAM.join(''), size)).toEqual(READ)
  expect(await read(STREAM.join('').replaceAll('\n', '\r\n'), size)).toEqual(READ)
})

it('does not put together a message without end', async () => {
  await expect(read(`data: ${'x'.repeat(2 ** 21)}`, 2 ** 16)).rejects.toThrow(CommandFailure)
})
