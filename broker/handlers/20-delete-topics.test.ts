import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ZERO_UUID } from '../../kit/index.ts'
import { DeleteTopicsRequest, DeleteTopicsResponse, errors } from '../../protocol/index.ts'
import type { RawClient } from '../../test/support/client.ts'
import type { TestBroker } from '../../test/support/test-broker.ts'
import { NO_TOPIC_ID, startTestBroker, TEST_ACTOR } from '../../test/support/test-broker.ts'

let broker: TestBroker
let client: RawClient
const start = async (configs = {}): Promise<void> => {
  broker = await startTestBroker({ configs })
  client = await broker.connect()
}
beforeEach(() => start())
afterEach(() => broker.stop())

const byName = (version: number, topicNames: readonly string[]) =>
  client.send(DeleteTopicsRequest, DeleteTopicsResponse, version, {
    timeoutMs: 1000,
    ...(version < 6
      ? { topicNames }
      : { topics: topicNames.map((name) => ({ name, topicId: ZERO_UUID })) }),
  })

describe('DeleteTopics', () => {
  it.each([0, 1, 2, 3, 4, 5, 6])('deletes by name in v%d', async (version) => {
    const { id } = await broker.createTopic('t')
    const { responses } = await byName(version, [
      't',
      'no',
      '__audit',
      '__events',
      'twice',
      'twice',
    ])
    expect(responses.map(({ name, errorCode }) => [name, errorCode])).toEqual([
      ['t', errors.NONE.code],
      ['no', errors.UNKNOWN_TOPIC_OR_PARTITION.code],
      ['__audit', errors.POLICY_VIOLATION.code],
      ['__events', errors.POLICY_VIOLATION.code],
      ['twice', errors.INVALID_REQUEST.code],
      ['twice', errors.INVALID_REQUEST.code],
    ])
    if (version >= 6) expect(responses[0]?.topicId).toBe(id)
    if (version >= 5) expect(responses[1]?.errorMessage).toBe("The topic 'no' does not exist.")
    expect(broker.services.control.state.topics.has('t')).toBe(false)
    expect(broker.services.control.state.deletedTopics.has(id)).toBe(true)
  })

  it('deletes by id in v6', async () => {
    const { id } = await broker.createTopic('t')
    const { id: other } = await broker.createTopic('other')
    const { responses } = await client.send(DeleteTopicsRequest, DeleteTopicsResponse, 6, {
      timeoutMs: 1000,
      topics: [
        { name: null, topicId: id },
        { name: null, topicId: NO_TOPIC_ID },
        { name: null, topicId: ZERO_UUID },
        { name: 'other', topicId: other },
        { name: 't', topicId: ZERO_UUID },
      ],
    })
    expect(responses.map(({ name, topicId, errorCode }) => [name, topicId, errorCode])).toEqual([
      ['t', id, errors.NONE.code],
      [null, NO_TOPIC_ID, errors.UNKNOWN_TOPIC_ID.code],
      [null, ZERO_UUID, errors.INVALID_REQUEST.code],
      ['other', other, errors.INVALID_REQUEST.code],
      ['t', ZERO_UUID, errors.INVALID_REQUEST.code],
    ])
    expect([...broker.services.control.state.topics.keys()]).toEqual([
      '__audit',
      '__events',
      'other',
    ])
  })

  it('deletes one topic while another of its name comes', async () => {
    const first = await broker.createTopic('t')
    await byName(5, ['t'])
    const second = await broker.createTopic('t')
    expect(second.id).not.toBe(first.id)
    expect(broker.store.find(second.id, 0)?.endOffset).toBe(0)
  })

  it.each([
    [2, errors.INVALID_REQUEST.code],
    [3, errors.TOPIC_DELETION_DISABLED.code],
    [6, errors.TOPIC_DELETION_DISABLED.code],
  ])('in v%d answers %d when deletion is disabled', async (version, code) => {
    await broker.stop()
    await start({ 'delete.topic.enable': 'false' })
    await broker.createTopic('t')
    const { responses } = await byName(version, ['t'])
    expect(responses[0]?.errorCode).toBe(code)
    expect(broker.services.control.state.topics.has('t')).toBe(true)
  })

  it('tells nothing of a name to those who may not describe it', async () => {
    await broker.stop()
    await start({ 'glasslog.authorizer': 'acl', 'super.users': 'User:test' })
    const { id } = await broker.createTopic('secret')
    const rule = { resourceType: 'TOPIC', resourceName: '*', patternType: 'LITERAL' } as const
    const who = { principal: 'User:bob', host: '*' }
    const { control } = broker.services
    await control.execute(
      [
        { operation: 'DELETE', permission: 'ALLOW' } as const,
        { operation: 'DESCRIBE', permission: 'DENY' } as const,
      ].map((what) => ({ kind: 'acl.create', binding: { ...rule, ...who, ...what } })),
      TEST_ACTOR,
    )
    const audit = control.state.topics.get('__audit')?.id ?? ''
    const bob = await broker.connectAs('bob')
    const { responses } = await bob.send(DeleteTopicsRequest, DeleteTopicsResponse, 6, {
      timeoutMs: 1000,
      topics: [
        { name: null, topicId: audit },
        { name: null, topicId: id },
        { name: 'secret', topicId: ZERO_UUID },
      ],
    })
    expect(responses.map(({ name, errorMessage }) => [name, errorMessage])).toEqual([
      [null, null],
      [null, null],
      ['secret', null],
    ])
    expect(responses[0]?.errorCode).toBe(errors.POLICY_VIOLATION.code)
  })
})
