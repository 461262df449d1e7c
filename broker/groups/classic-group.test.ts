import { describe, it } from 'vitest'
import { playScript } from './script/testing.ts'
import { GroupWorld } from './testing.ts'

/** A group of two, stable in generation 2: the usual way to begin. */
const TWO_MEMBERS = `
  A joins              |
  after 3s             | A joined 1 leading A
  A syncs A=x          | A assigned x
  B joins              |
  A beats              | A REBALANCE_IN_PROGRESS
  A joins              | A joined 2 leading A,B; B joined 2 following A
  B syncs              |
  A syncs A=x B=y      | A assigned x; B assigned y
`

async function play(
  script: string,
  options?: Parameters<typeof GroupWorld.open>[0],
): Promise<void> {
  await playScript(await GroupWorld.open(options), script)
}

describe('joining', () => {
  it('waits for more members before the first rebalance (group.initial.rebalance.delay.ms)', async () => {
    await play(`
      A joins        |
      after 2s       |
      B joins        |
      after 999ms    |
      after 1ms      |
      after 2999ms   |
      after 1ms      | A joined 1 leading A,B; B joined 1 following A
    `)
  })

  it('does not wait longer than the rebalance timeout allows', async () => {
    await play(`
      A joins rebalance=5s  |
      after 2s              |
      B joins rebalance=5s  |
      after 1s              |
      after 1s              |
      C joins rebalance=5s  |
      after 1s              | A joined 1 leading A,B,C; B joined 1 following A; C joined 1 following A
    `)
  })

  it('does not wait at all when the delay is 0', async () => {
    await play(
      `
      A joins  | A joined 1 leading A
      `,
      { configs: { 'group.initial.rebalance.delay.ms': '0' } },
    )
  })

  it('shares the group, and gives all of it to one when the other leaves', async () => {
    await play(`
      ${TWO_MEMBERS}
      show                 | Stable 2 led by A: A=x B=y
      A beats              | A alive
      B leaves             | B left
      A beats              | A REBALANCE_IN_PROGRESS
      A joins              | A joined 3 leading A
      A syncs A=x,y        | A assigned x,y
      A leaves             | A left
      show                 | Empty 4
    `)
  })

  it('asks a member for its id first, unless it is too old to know (KIP-394)', async () => {
    await play(`
      A joins once         | A MEMBER_ID_REQUIRED
      show                 | Empty 0
      A joins once         |
      B joins v3 once      |
      after 6s             | A joined 1 leading A,B; B joined 1 following A
    `)
  })

  it('forgets an id that nobody came back with, and the group with it', async () => {
    await play(`
      A joins once session=10s  | A MEMBER_ID_REQUIRED
      after 9999ms              |
      show                      | Empty 0
      after 1ms                 |
      show                      | no group
      A joins once              | A UNKNOWN_MEMBER_ID
    `)
  })

  it('waits for ids that were given out in a running rebalance', async () => {
    await play(`
      ${TWO_MEMBERS}
      C joins once         | C MEMBER_ID_REQUIRED
      A joins              |
      B joins              |
      C joins once         | A joined 3 leading A,B,C; B joined 3 following A; C joined 3 following A
    `)
  })

  it('refuses an unknown member, whether or not the group exists', async () => {
    await play(`
      A joins              |
      after 3s             | A joined 1 leading A
      A syncs A=x          | A assigned x
      A leaves             | A left
      A joins once         | A UNKNOWN_MEMBER_ID
      A beats              | A UNKNOWN_MEMBER_ID
      A syncs A=x          | A UNKNOWN_MEMBER_ID
      A leaves             | A UNKNOWN_MEMBER_ID
    `)
  })

  it('refuses protocols that the others do not know', async () => {
    await play(`
      A joins protocols=range,sticky   |
      after 3s                         | A joined 1 leading A
      A syncs A=x                      | A assigned x
      B joins protocols=roundrobin     | B INCONSISTENT_GROUP_PROTOCOL
      B joins protocols=range type=connect  | B INCONSISTENT_GROUP_PROTOCOL
      C joins protocols=sticky         |
      A joins                          | A joined 2 leading A,C by sticky; C joined 2 following A by sticky
    `)
  })

  it('takes whoever comes when everybody has left again before the first rebalance', async () => {
    await play(`
      A joins                      |
      A leaves                     | A UNKNOWN_MEMBER_ID; A left
      B joins type=connect         | B INCONSISTENT_GROUP_PROTOCOL
      C joins protocols=roundrobin |
      after 6s                     | C joined 1 leading C by roundrobin
    `)
  })

  it('takes the protocol that most members prefer among those that all know', async () => {
    await play(`
      A joins protocols=range,sticky   |
      B joins protocols=sticky,range   |
      C joins protocols=sticky,range   |
      after 6s                         | A joined 1 leading A,B,C by sticky; B joined 1 following A by sticky; C joined 1 following A by sticky
    `)
  })

  it('keeps session timeouts within group.min.session.timeout.ms and group.max.session.timeout.ms', async () => {
    const configs = {
      'group.min.session.timeout.ms': '5000',
      'group.max.session.timeout.ms': '20000',
    }
    await play(
      `
      A joins session=4999ms   | A INVALID_SESSION_TIMEOUT
      A joins session=20001ms  | A INVALID_SESSION_TIMEOUT
      A joins session=5s       |
      B joins session=20s      |
      `,
      { configs },
    )
  })

  it('has room for group.max.size members', async () => {
    await play(
      `
      ${TWO_MEMBERS}
      C joins              | C GROUP_MAX_SIZE_REACHED
      A joins              |
      B joins              | A joined 3 leading A,B; B joined 3 following A
      `,
      { configs: { 'group.max.size': '2' } },
    )
  })

  it('gives the places to whoever rejoins first when the limit was lowered', async () => {
    await play(`
      ${TWO_MEMBERS}
      restart group.max.size=1  |
      A beats                   | A REBALANCE_IN_PROGRESS
      B joins                   |
      A joins                   | A GROUP_MAX_SIZE_REACHED; B joined 3 leading B
    `)
  })

  it('bounds the ids that are given out and not used', async () => {
    await play(
      `
      A joins once  | A MEMBER_ID_REQUIRED
      B joins once  | B MEMBER_ID_REQUIRED
      C joins once  | C GROUP_MAX_SIZE_REACHED
      A joins once  |
      C joins once  | C MEMBER_ID_REQUIRED
      `,
      { limits: { maxPendingMembers: 2 } },
    )
  })

  it('bounds the memory of all members, and gives it back when they go', async () => {
    await play(
      `
      A joins group=one v3 as=a       |
      B joins group=two v3            |
      C joins group=three v3          | C GROUP_MAX_SIZE_REACHED
      after 3s                        | A joined 1 leading A; B joined 1 leading B
      A syncs A=x                     | A assigned x
      A joins topics=${'u'.repeat(500)} | A GROUP_MAX_SIZE_REACHED
      A joins topics=v                | A joined 2 leading A
      A syncs A=x                     | A assigned x
      A joins afresh v9               | A joined 2 leading A skipping assignment
      B leaves                        | B left
      C joins group=three v3          |
      `,
      { limits: { maxMemberBytes: 2_500 } },
    )
  })

  it('bounds the number of groups', async () => {
    await play(
      `
      A joins group=one once          | A MEMBER_ID_REQUIRED
      B joins group=two once          | B MEMBER_ID_REQUIRED
      C joins group=three once        | C GROUP_MAX_SIZE_REACHED
      C commits t-0=1                 | C POLICY_VIOLATION
      `,
      { limits: { maxGroups: 2 } },
    )
  })
})

describe('rebalancing', () => {
  it('goes on without members that do not rejoin in time', async () => {
    await play(`
      A joins rebalance=20s session=30s  |
      B joins rebalance=10s session=30s  |
      after 6s                           | A joined 1 leading A,B; B joined 1 following A
      B syncs                            |
      A syncs A=x B=y                    | A assigned x; B assigned y
      C joins rebalance=10s              |
      B joins                            |
      after 19999ms                      |
      after 1ms                          | B joined 2 leading B,C; C joined 2 following B
      A beats                            | A UNKNOWN_MEMBER_ID
    `)
  })

  it('takes another leader when the leader crashes', async () => {
    await play(`
      ${TWO_MEMBERS}
      after 5s             |
      B beats              | B alive
      after 4999ms         |
      after 1ms            |
      B beats              | B REBALANCE_IN_PROGRESS
      B joins              | B joined 3 leading B
      B syncs B=x,y        | B assigned x,y
      show                 | Stable 3 led by B: B=x,y
    `)
  })

  it('removes a member without heartbeats in the middle of the join phase', async () => {
    await play(`
      ${TWO_MEMBERS}
      C joins              |
      A joins              |
      after 9999ms         |
      after 1ms            | A joined 3 leading A,C; C joined 3 following A
    `)
  })

  it('starts over when a member leaves before its leader has assigned', async () => {
    await play(`
      ${TWO_MEMBERS}
      B joins              | B joined 2 following A
      A joins              |
      B joins              | A joined 3 leading A,B; B joined 3 following A
      B syncs              |
      A leaves             | A left; B REBALANCE_IN_PROGRESS
      B joins              | B joined 4 leading B
    `)
  })

  it('starts over when somebody joins before the leader has assigned', async () => {
    await play(`
      ${TWO_MEMBERS}
      A joins              |
      B joins              | A joined 3 leading A,B; B joined 3 following A
      B syncs              |
      C joins              | B REBALANCE_IN_PROGRESS
      A syncs A=x B=y      | A REBALANCE_IN_PROGRESS
      A joins              |
      B joins              | A joined 4 leading A,B,C; B joined 4 following A; C joined 4 following A
    `)
  })

  it('removes members that never sync (rebalance timeout)', async () => {
    await play(`
      A joins rebalance=10s session=30s   |
      B joins rebalance=10s session=30s   |
      after 6s                            | A joined 1 leading A,B; B joined 1 following A
      A syncs A=x B=y                     | A assigned x
      after 9999ms                        |
      A beats                             | A alive
      after 1ms                           |
      A beats                             | A REBALANCE_IN_PROGRESS
      B syncs                             | B UNKNOWN_MEMBER_ID
      A joins                             | A joined 2 leading A
    `)
  })

  it('removes a leader that never syncs, and everybody else starts over', async () => {
    await play(`
      A joins rebalance=10s session=30s   |
      B joins rebalance=10s session=30s   |
      after 6s                            | A joined 1 leading A,B; B joined 1 following A
      B syncs                             |
      after 10s                           | B REBALANCE_IN_PROGRESS
      B joins                             | B joined 2 leading B
    `)
  })

  it('repeats the answer to a member that missed it, and rebalances for one that changed', async () => {
    await play(`
      A joins              |
      B joins              |
      after 6s             | A joined 1 leading A,B; B joined 1 following A
      B joins              | B joined 1 following A
      A joins              | A joined 1 leading A,B
      B syncs              |
      B joins topics=u     | B REBALANCE_IN_PROGRESS
      A joins              | A joined 2 leading A,B; B joined 2 following A
    `)
  })

  it('rebalances when its leader joins again, and answers a follower that does', async () => {
    await play(`
      ${TWO_MEMBERS}
      B joins              | B joined 2 following A
      B syncs              | B assigned y
      A joins              |
      B beats              | B REBALANCE_IN_PROGRESS
      B joins              | A joined 3 leading A,B; B joined 3 following A
    `)
  })

  it('answers a JoinGroup that its client has given up, when it asks again', async () => {
    await play(`
      ${TWO_MEMBERS}
      A joins              |
      A joins              | A REBALANCE_IN_PROGRESS
      B joins              | A joined 3 leading A,B; B joined 3 following A
    `)
  })

  it('refuses requests of another generation or protocol', async () => {
    await play(`
      ${TWO_MEMBERS}
      A beats gen=1                         | A ILLEGAL_GENERATION
      A syncs gen=1                         | A ILLEGAL_GENERATION
      A commits gen=1 t-0=5                 | A ILLEGAL_GENERATION
      A syncs type=connect                  | A INCONSISTENT_GROUP_PROTOCOL
      A syncs type=consumer protocol=sticky | A INCONSISTENT_GROUP_PROTOCOL
      A syncs type=consumer protocol=range  | A assigned x
    `)
  })

  it('gives an empty assignment to members that the leader left out', async () => {
    await play(`
      A joins              |
      B joins              |
      after 6s             | A joined 1 leading A,B; B joined 1 following A
      B syncs              |
      A syncs A=x          | A assigned x; B assigned nothing
    `)
  })

  it('lets cooperative members rebalance twice, each in its own generation', async () => {
    // Incremental cooperative rebalancing (KIP-429) is the clients' affair: the first round takes
    // partitions away, the member that lost some joins again, the second hands them out.
    await play(`
      A joins protocols=cooperative-sticky  |
      after 3s                              | A joined 1 leading A by cooperative-sticky
      A syncs A=x,y                         | A assigned x,y
      B joins protocols=cooperative-sticky  |
      A joins                               | A joined 2 leading A,B by cooperative-sticky; B joined 2 following A by cooperative-sticky
      B syncs                               |
      A syncs A=x                           | A assigned x; B assigned nothing
      A joins                               |
      B joins                               | A joined 3 leading A,B by cooperative-sticky; B joined 3 following A by cooperative-sticky
      B syncs                               |
      A syncs A=x B=y                       | A assigned x; B assigned y
    `)
  })

  it('gives up on new members whose JoinGroup waits too long', async () => {
    await play(`
      A joins rebalance=10m session=25m    |
      after 3s                             | A joined 1 leading A
      A syncs A=x                          | A assigned x
      B joins v3 rebalance=10m             |
      after 299999ms                       |
      after 1ms                            | B UNKNOWN_MEMBER_ID
      show                                 | PreparingRebalance 1 led by A: A=
    `)
  })
})

describe('sessions', () => {
  it('are prolonged by heartbeats and commits', async () => {
    await play(`
      A joins              |
      after 3s             | A joined 1 leading A
      A syncs A=x          | A assigned x
      after 9s             |
      A beats              | A alive
      after 9s             |
      A commits t-0=5      | A committed
      after 9999ms         |
      show                 | Stable 1 led by A: A=x
      after 1ms            |
      show                 | Empty 2
    `)
  })

  it('do not end while a heartbeat waits for its turn', async () => {
    await play(`
      A joins session=10s       |
      S joins session=60s as=s  |
      after 6s                  | A joined 1 leading A,S; S joined 1 following A
      S syncs                   |
      A syncs A=x S=y           | A assigned x; S assigned y
      after 8s                  |
      slow disk 2s              |
      S joins afresh            |
      after 1s                  |
      A beats                   |
      after 2s                  |
      after 1s                  | A alive; S joined 1 following A
      after 9s                  |
      A beats                   | A alive
    `)
  })

  it('do not end while the member waits for the group', async () => {
    await play(`
      A joins session=10s rebalance=60s  |
      B joins session=60s rebalance=60s  |
      after 6s                           | A joined 1 leading A,B; B joined 1 following A
      A syncs A=x B=y                    | A assigned x
      B syncs                            | B assigned y
      A joins                            |
      after 50s                          |
      B joins                            | A joined 2 leading A,B; B joined 2 following A
      A syncs A=x B=y                    | A assigned x
      after 9999ms                       |
      A beats                            | A alive
    `)
  })
})

describe('static members (KIP-345)', () => {
  const STATIC = `
    A joins as=a           |
    B joins as=b           |
    after 6s               | A joined 1 leading A,B; B joined 1 following A
    B syncs                |
    A syncs A=x B=y        | A assigned x; B assigned y
  `

  it('come back under a new id without a rebalance, and take their assignment', async () => {
    await play(`
      ${STATIC}
      B joins afresh         | B joined 1 following A
      B syncs                | B assigned y
      A beats                | A alive
      show                   | Stable 1 led by A: A=x B=y
    `)
  })

  it('tell a leader that comes back not to assign again (KIP-814)', async () => {
    await play(`
      ${STATIC}
      A joins afresh         | A joined 1 leading A,B skipping assignment
      A syncs                | A assigned x
      show                   | Stable 1 led by A: A=x B=y
    `)
  })

  it('let an older leader that comes back believe that it follows', async () => {
    await play(`
      ${STATIC}
      A joins afresh v8      | A joined 1 following old a
      A syncs                | A assigned x
      A joins                |
      B joins                | A joined 2 leading A,B; B joined 2 following A
    `)
  })

  it('rebalance when they come back with another protocol', async () => {
    await play(`
      A joins as=a protocols=range,sticky  |
      after 3s                             | A joined 1 leading A
      A syncs A=x                          | A assigned x
      A joins afresh protocols=sticky      | A joined 2 leading A by sticky
    `)
  })

  it('are fenced when another process has taken their instance id', async () => {
    await play(`
      ${STATIC}
      C joins as=b           | C joined 1 following A
      B beats                | B FENCED_INSTANCE_ID
      B syncs                | B FENCED_INSTANCE_ID
      B commits t-0=1        | B FENCED_INSTANCE_ID
      B joins once           | B FENCED_INSTANCE_ID
      B leaves               | B FENCED_INSTANCE_ID
      C beats                | C alive
    `)
  })

  it('are fenced in the middle of a wait', async () => {
    await play(`
      ${STATIC}
      A joins                |
      C joins as=a           | A FENCED_INSTANCE_ID
      B joins                | B joined 2 following C; C joined 2 leading C,B
      B syncs                |
      D joins as=b           | B FENCED_INSTANCE_ID
      C joins                | C joined 3 leading C,D; D joined 3 following C
    `)
  })

  it('keep their place while they are away, until their session ends', async () => {
    await play(`
      A joins as=a session=30s rebalance=10s  |
      B joins as=b session=30s rebalance=10s  |
      after 6s                                | A joined 1 leading A,B; B joined 1 following A
      B syncs                                 |
      A syncs A=x B=y                         | A assigned x; B assigned y
      A joins                                 |
      after 10s                               | A joined 2 leading A,B
      A syncs A=x B=y                         | A assigned x
      after 10s                               |
      A beats                                 | A REBALANCE_IN_PROGRESS
    `)
  })

  it('are removed by an administrator who knows only their instance ids', async () => {
    await play(`
      ${STATIC}
      admin removes b,c      | b NONE, c UNKNOWN_MEMBER_ID
      A beats                | A REBALANCE_IN_PROGRESS
      A joins                | A joined 2 leading A
      B beats                | B UNKNOWN_MEMBER_ID
    `)
  })
})

describe('a coordinator that starts again', () => {
  it('still knows its groups, and their members go on', async () => {
    await play(`
      ${TWO_MEMBERS}
      A commits t-0=5      | A committed
      restart              |
      show                 | Stable 2 led by A: A=x B=y
      A reads t-0 t-1      | A reads 5,-
      A beats              | A alive
      B beats              | B alive
      B syncs              | B assigned y
      after 9s             |
      A beats              | A alive
      after 1s             |
      A beats              | A REBALANCE_IN_PROGRESS
    `)
  })

  it('answers those who wait, and does not know a rebalance that was not finished', async () => {
    await play(`
      ${TWO_MEMBERS}
      C joins              |
      A joins              |
      restart              | A NOT_COORDINATOR; C NOT_COORDINATOR
      show                 | Stable 2 led by A: A=x B=y
      C joins once         | C UNKNOWN_MEMBER_ID
      A joins              |
      B joins              | A joined 3 leading A,B; B joined 3 following A
    `)
  })

  it('does not remember a group of which nothing was recorded', async () => {
    await play(`
      A joins              |
      after 3s             | A joined 1 leading A
      A syncs A=x          | A assigned x
      A leaves             | A left
      restart              |
      show                 | Empty 2
      A joins afresh group=h once  | A MEMBER_ID_REQUIRED
      A leaves             | A left
    `)
  })
})
