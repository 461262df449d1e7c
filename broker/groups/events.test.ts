import { describe, expect, it } from 'vitest'
import type { BrokerEvent } from '../events/index.ts'
import { playScript } from './script/testing.ts'
import { GroupWorld } from './testing.ts'

/** A group of two, stable in generation 2, of which B is patient with its session and not otherwise. */
const TWO_MEMBERS = `
  A joins session=100s                | 
  after 3s                            | A joined 1 leading A
  A syncs A=x                         | A assigned x
  B joins session=100s rebalance=5s   | 
  A joins                             | A joined 2 leading A,B; B joined 2 following A
  B syncs                             | 
  A syncs A=x B=y                     | A assigned x; B assigned y
`

/** What was told since `script` began, after `before` was played. */
async function eventsOf(
  script: string,
  before = '',
  options: Parameters<typeof GroupWorld.open>[0] = {},
): Promise<readonly BrokerEvent[]> {
  const world = await GroupWorld.open(options)
  let count = 0
  const all = `${before}${script}`
  if (before !== '') {
    const first = await GroupWorld.open(options)
    await playScript(first, before)
    count = first.events.length
  }
  await playScript(world, all)
  return world.events.slice(count)
}

const rebalance = (reason: string, clientId: string, members: number) => ({
  ...{ kind: 'group-rebalance', group: 'g', reason, members, clientId },
  clientHost: clientId === '' ? '' : '/127.0.0.1',
})
const timedOut = (missed: string, clientId: string) => ({
  ...{ kind: 'group-member-timed-out', group: 'g', missed, clientId },
})

describe('operators are told why a group rebalances', () => {
  it.each([
    [
      'a member joined, once for those that come together',
      '',
      `
      A joins   |
      B joins   |
      after 6s  | A joined 1 leading A,B; B joined 1 following A
      `,
      [rebalance('member-joined', 'A', 1)],
    ],
    [
      'a member left',
      TWO_MEMBERS,
      `
      B leaves  | B left
      `,
      [rebalance('member-left', 'B', 1)],
    ],
    [
      'the leader joined again',
      TWO_MEMBERS,
      `
      A joins   |
      `,
      [rebalance('leader-rejoined', 'A', 2)],
    ],
    [
      'a member subscribes to other topics',
      TWO_MEMBERS,
      `
      B joins topics=t,u   |
      `,
      [rebalance('subscription-changed', 'B', 2)],
    ],
    [
      'a static member is back as another process while the leader assigns',
      '',
      `
      A joins as=i1          |
      after 3s               | A joined 1 leading A
      A joins as=i1 afresh   | A joined 2 leading A
      `,
      [rebalance('member-joined', 'A', 1), rebalance('static-member-replaced', 'A', 1)],
    ],
    [
      'the limit of members is lower than it was',
      TWO_MEMBERS,
      `
      restart group.max.size=1   |
      `,
      [rebalance('size-limit-lowered', '', 2)],
    ],
  ])('%s', async (_, before, script, expected) => {
    expect(await eventsOf(script, before)).toMatchObject(expected)
  })

  it('the assignment could not be recorded', async () => {
    const group = 'g'.repeat(400)
    const script = `
      A joins group=${group}  |
      after 3s                | A joined 1 leading A
      A syncs A=x             | A UNKNOWN_SERVER_ERROR
    `
    const [, second] = await eventsOf(script, '', { limits: { maxBatchBytes: 400 } })
    expect(second).toMatchObject({ ...rebalance('assignment-not-recorded', '', 1), group })
  })
})

describe('operators are told which member is gone, and what it missed', () => {
  it.each([
    [
      'its heartbeats',
      TWO_MEMBERS,
      `
      after 90s   |
      A beats     | A alive
      after 20s   |
      `,
      [timedOut('session', 'B'), rebalance('member-timed-out', 'B', 1)],
    ],
    [
      'to join again',
      TWO_MEMBERS,
      `
      A joins rebalance=5s  |
      after 5s              | A joined 3 leading A
      `,
      [rebalance('leader-rejoined', 'A', 2), timedOut('join', 'B')],
    ],
    [
      'to ask for its partitions',
      '',
      `
      A joins rebalance=5s session=100s   |
      after 3s                            | A joined 1 leading A
      after 6s                            |
      `,
      [
        rebalance('member-joined', 'A', 1),
        timedOut('sync', 'A'),
        rebalance('members-did-not-sync', '', 0),
      ],
    ],
  ])('%s', async (_, before, script, expected) => {
    expect(await eventsOf(script, before)).toMatchObject(expected)
  })
})

it('operators are told who finds no room in a group', async () => {
  const script = `
    A joins   |
    B joins   | B GROUP_MAX_SIZE_REACHED
  `
  const options = { configs: { 'group.max.size': '1' } }
  const [, full] = await eventsOf(script, '', options)
  expect(full).toEqual({ kind: 'group-full', group: 'g', clientId: 'B', clientHost: '/127.0.0.1' })
})
