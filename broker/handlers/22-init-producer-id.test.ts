import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Encodable } from '../../protocol/index.ts'
import { errors, InitProducerIdRequest, InitProducerIdResponse } from '../../protocol/index.ts'
import type { RawClient } from '../../test/support/client.ts'
import type { TestBroker } from '../../test/support/test-broker.ts'
import { startTestBroker } from '../../test/support/test-broker.ts'

let broker: TestBroker
let client: RawClient
beforeEach(async () => {
  broker = await startTestBroker()
  client = await broker.connect()
})
afterEach(() => broker.stop())

function ask(version: number, body: Partial<Encodable<typeof InitProducerIdRequest>> = {}) {
  return client.send(InitProducerIdRequest, InitProducerIdResponse, version, {
    transactionalId: null,
    transactionTimeoutMs: 60_000,
    ...body,
  })
}

describe('InitProducerId', () => {
  it.each([0, 1, 2, 3, 4, 5])('gives each producer an id of its own in v%d', async (version) => {
    const answers = await Promise.all([ask(version), ask(version), ask(version)])
    expect(answers.map(({ errorCode, producerEpoch }) => [errorCode, producerEpoch])).toEqual(
      answers.map(() => [errors.NONE.code, 0]),
    )
    expect(new Set(answers.map(({ producerId }) => producerId)).size).toBe(3)
  })

  it('takes ids from blocks that the history hands out', async () => {
    const before = broker.services.control.state.nextProducerId
    const { producerId } = await ask(3)
    expect(producerId).toBe(before)
    const { seq, nextProducerId } = broker.services.control.state
    expect(nextProducerId).toBeGreaterThan(before)
    for (let id = before + 1n; id < nextProducerId; id++) await ask(3)
    expect(broker.services.control.state.seq).toBe(seq)
    // One more begins the next block.
    expect((await ask(3)).producerId).toBe(nextProducerId)
    expect(broker.services.control.state.seq).toBeGreaterThan(seq)
  })

  it('takes one block for all who ask at once', async () => {
    const clients = await Promise.all([broker.connect(), broker.connect(), broker.connect()])
    const { seq } = broker.services.control.state
    await Promise.all(
      clients.map((each) =>
        each.send(InitProducerIdRequest, InitProducerIdResponse, 3, {
          transactionalId: null,
          transactionTimeoutMs: 0,
        }),
      ),
    )
    expect(broker.services.control.state.seq).toBe(seq + 1)
  })

  it('gives a new id to who names an old one (KIP-360)', async () => {
    const first = await ask(3)
    const again = await ask(3, { producerId: first.producerId, producerEpoch: 0 })
    expect(again).toMatchObject({ errorCode: errors.NONE.code, producerEpoch: 0 })
    expect(again.producerId).not.toBe(first.producerId)
  })

  it.each([
    ['an id without an epoch', { producerId: 5n }, 'INVALID_REQUEST'],
    ['an epoch without an id', { producerEpoch: 5 }, 'INVALID_REQUEST'],
    ['an empty transactional id', { transactionalId: '' }, 'INVALID_REQUEST'],
    ['a transactional id', { transactionalId: 'tx' }, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED'],
  ] as const)('refuses %s', async (_, body, error) => {
    expect(await ask(4, body)).toMatchObject({
      errorCode: errors[error].code,
      producerId: -1n,
      producerEpoch: -1,
    })
  })
})
