import { randomBytes } from 'node:crypto'
import { errorByCode } from '../../../protocol/index.ts'
import type { Address } from '../../client/connections.ts'
import type { FrameConnection } from '../../client/frame-connection.ts'
import type { BatchShape, ProduceFrame } from '../../client/produce-frame.ts'
import { encodeProduceFrame } from '../../client/produce-frame.ts'
import { errorName, requestTopic } from '../../client/topic.ts'
import { firstSuccess } from './first-success.ts'

const ONE_RECORD: BatchShape = { recordBytes: 100, recordsPerBatch: 1 }
const ALREADY_EXISTS = 36

/** When the first record was acknowledged (acks=all), on a topic that is created if need be. */
export async function firstWrite(address: Address, topic: string): Promise<number> {
  const frame = encodeProduceFrame(topic, [0], ONE_RECORD, randomBytes, Date.now())
  let isCreated = false
  return firstSuccess(address, async (connection) => {
    if (!isCreated) {
      const code = await requestTopic(connection, topic, 1)
      if (code !== 0 && code !== ALREADY_EXISTS) return errorName(code)
      isCreated = true
    }
    return produceOnce(connection, frame)
  })
}

/** When the first record was acknowledged on a topic that is there. */
export function firstWriteTo(address: Address, topic: string): Promise<number> {
  const frame = encodeProduceFrame(topic, [0], ONE_RECORD, randomBytes, Date.now())
  return firstSuccess(address, (connection) => produceOnce(connection, frame))
}

async function produceOnce(
  connection: FrameConnection,
  frame: ProduceFrame,
): Promise<string | null> {
  const answer = Promise.withResolvers<number>()
  connection.onFrame = (response) => answer.resolve(frame.errorCode(response))
  connection.send(frame.bytes)
  const code = await Promise.race([answer.promise, connection.failed])
  return code === 0 ? null : (errorByCode(code)?.name ?? `error ${code}`)
}
