import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import type { Random } from '../../kit/index.ts'
import { seededRandom } from '../../kit/index.ts'
import type { Message, TypeOf } from '../../protocol/index.ts'
import {
  codec,
  ProduceRequest,
  ProduceResponse,
  Reader,
  readResponseHeader,
  responseHeaderVersion,
  SyncGroupRequest,
  SyncGroupResponse,
} from '../../protocol/index.ts'
import type { RawClient } from '../../test/support/client.ts'
import { connectRaw, encodeRequest } from '../../test/support/client.ts'
import type { Handler } from '../handlers/index.ts'
import { defineHandler } from '../handlers/index.ts'
import type { TestServer } from './testing.ts'
import { startTestServer } from './testing.ts'

/**
 * All sockets read into one buffer, and frames that span reads into buffers that are used again. Here
 * many clients send at once, in pieces of any size, and every handler answers late with the bytes that
 * it was given: one that looks at memory of somebody else answers with somebody else's.
 */

const CLIENTS = 6
const REQUESTS = 40
const PRODUCE_VERSION = 9
const SYNC_VERSION = 5

let running: TestServer | undefined
const clients: RawClient[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close()
  await running?.server.stop(0)
})

function lateHandlers(random: Random): Handler[] {
  const late = async (): Promise<void> => {
    for (let turns = random.below(4); turns > 0; turns--) await turn()
  }
  return [
    defineHandler(
      ProduceRequest,
      ProduceResponse,
      { versions: '0-13', stage: 'append', permissions: [] },
      ({ topicData }) => {
        // As the log does: what is appended is copied before the handler returns.
        const copy = Buffer.from(topicData[0]?.partitionData[0]?.records ?? [])
        const answer = { index: 0, errorCode: 0, baseOffset: 0, errorMessage: fingerprint(copy) }
        const responses = [{ name: topicData[0]?.name ?? '', partitionResponses: [answer] }]
        return late().then(() => ({ responses }))
      },
    ),
    defineHandler(
      SyncGroupRequest,
      SyncGroupResponse,
      { versions: '0-5', stage: 'ordered', permissions: [] },
      async ({ memberId, assignments }, { clientId }) => {
        await late()
        const assignment = assignments[0]?.assignment ?? Buffer.alloc(0)
        return { errorCode: 0, protocolType: memberId, protocolName: clientId, assignment }
      },
    ),
  ]
}

function fingerprint(bytes: Buffer): string {
  return `${bytes.length} ${bytes.toString('hex', 0, 40)} ${bytes.toString('hex', bytes.length - 40)}`
}

/** Mostly small, sometimes larger than any read, with its sender's number in every byte. */
function payloadOf(client: number, request: number, random: Random): Buffer {
  const most = [100, 3000, 70_000, 400_000][random.below(4)] ?? 0
  return Buffer.alloc(1 + random.below(most), client * REQUESTS + request)
}

async function writeInPieces(client: RawClient, bytes: Buffer, random: Random): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + random.below([3, 200, 20_000, 500_000][random.below(4)] ?? 1)
    client.write(bytes.subarray(at, end))
    at = end
    if (random.below(3) === 0) await turn()
  }
}

async function converse(number: number, client: RawClient, random: Random): Promise<void> {
  const answers: Promise<void>[] = []
  for (let request = 0; request < REQUESTS; request++) {
    const payload = payloadOf(number, request, random)
    const clientId = `client ${number} ${request}`
    const header = { correlationId: request, clientId }
    if (random.below(2) === 0) {
      const topicData = [{ name: clientId, partitionData: [{ index: 0, records: payload }] }]
      const body = { transactionalId: null, acks: 1, timeoutMs: 1000, topicData }
      answers.push(
        client.nextFrame().then((frame) => {
          const { responses } = decode(ProduceResponse, PRODUCE_VERSION, frame)
          expect(responses[0]?.name).toBe(clientId)
          expect(responses[0]?.partitionResponses[0]?.errorMessage).toBe(fingerprint(payload))
        }),
      )
      await writeInPieces(
        client,
        encodeRequest(ProduceRequest, PRODUCE_VERSION, body, header),
        random,
      )
    } else {
      const assignments = [{ memberId: 'm', assignment: payload }]
      const body = { groupId: 'g', generationId: 0, memberId: clientId, assignments }
      answers.push(
        client.nextFrame().then((frame) => {
          const answer = decode(SyncGroupResponse, SYNC_VERSION, frame)
          expect(answer).toMatchObject({ protocolType: clientId, protocolName: clientId })
          expect(answer.assignment.equals(payload)).toBe(true)
        }),
      )
      await writeInPieces(
        client,
        encodeRequest(SyncGroupRequest, SYNC_VERSION, body, header),
        random,
      )
    }
  }
  await Promise.all(answers)
}

function decode<M extends Message>(message: M, version: number, frame: Buffer): TypeOf<M> {
  const reader = new Reader(frame)
  readResponseHeader(reader, responseHeaderVersion(message, version))
  return codec<M['fields']>(message, version).read(reader)
}

it.each([1, 2, 3])('no request sees the bytes of another (seed %d)', async (seed) => {
  running = await startTestServer({ handlers: lateHandlers(seededRandom(seed)) })
  const { port } = running
  for (let i = 0; i < CLIENTS; i++) clients.push(await connectRaw(port))
  const talks = clients.map((client, i) => converse(i, client, seededRandom(100 * seed + i)))
  await Promise.all(talks)
  expect(running.errors).toEqual([])
})
