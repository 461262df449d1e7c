import { createHmac } from 'node:crypto'
import { expect, it, vi } from 'vitest'
import {
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
  errors,
} from '../../protocol/index.ts'
import { startTestBroker } from '../../test/support/test-broker.ts'

vi.mock(import('node:crypto'), async (original) => {
  const actual = await original()
  return { ...actual, createHmac: vi.fn(actual.createHmac) }
})

const upsertion = (name: string) => ({
  ...{ name, mechanism: 2, iterations: 4096 },
  ...{ salt: Buffer.from('salt'), saltedPassword: Buffer.alloc(64, 7) },
})

it('derives nothing for who may not set passwords, however many a request has', async () => {
  const configs = { 'glasslog.authorizer': 'acl', 'super.users': 'User:admin' }
  const broker = await startTestBroker({ configs })
  const alter = async (user: string, names: readonly string[]) => {
    const client = await broker.connectAs(user)
    vi.mocked(createHmac).mockClear()
    const { results } = await client.send(
      AlterUserScramCredentialsRequest,
      AlterUserScramCredentialsResponse,
      0,
      { deletions: [], upsertions: names.map(upsertion) },
    )
    const codes = new Set(results.map(({ errorCode }) => errorCode))
    return [vi.mocked(createHmac).mock.calls.length, [...codes]]
  }
  const names = Array.from({ length: 50 }, (_, number) => `user-${number}`)
  const denied = errors.CLUSTER_AUTHORIZATION_FAILED.code
  const { state, history } = broker.services.control
  const mallory = await alter('mallory', names)
  expect(mallory).toEqual([0, [denied]])
  const { nextSeq } = history
  const [last] = await history.read(nextSeq - 1, 1)
  expect(last?.record).toMatchObject({
    ...{ operation: 'user.scram.upsert', actor: { principal: 'User:mallory' } },
    ...{ decision: { allowed: false }, request: { mechanism: 'SCRAM-SHA-512', iterations: 4096 } },
  })
  expect(await alter('admin', names)).toEqual([2 * names.length, [0]])
  expect(state.users.has('user-49')).toBe(true)
  await broker.stop()
})
