import { expect } from 'vitest'
import { ConsumerProtocolSubscription, codec, Writer } from '../../../protocol/index.ts'
import type { JoinAnswer, JoinRequest, SyncAnswer } from '../port.ts'
import type { GroupWorld } from '../testing.ts'

/**
 * Plays a script of group members against a coordinator and checks what they are told. One step a
 * line, and after the bar what happened because of it, sorted:
 *
 *     A joins                |
 *     after 3s               | A joined 1 leading A
 *     A syncs A=x            | A assigned x
 *
 * Steps: `joins`, `syncs`, `beats`, `leaves`, `commits t-0=5`, `reads t-0`, each by somebody;
 * `after 3s`, `restart group.max.size=1`, `show`, `fail disk`, `slow disk 5s`, `mend disk`,
 * `admin removes INSTANCE`. A member is what its last `joins` said:
 * `as=i1` (instance id), `topics=t,u`, `protocols=range,sticky`, `type=consumer`, `session=10s`,
 * `rebalance=60s`, `v3` (JoinGroup version), `afresh` (it forgot its member id), `once` (it does
 * not come back by itself when it is given an id), `group=g`, `gen=7`.
 */
export async function playScript(world: GroupWorld, script: string): Promise<void> {
  const stage = new Stage(world)
  const expected: string[] = []
  const actual: string[] = []
  for (const line of script.split('\n')) {
    if (line.trim() === '') continue
    const [step = '', events = ''] = line.split('|').map((part) => part.trim())
    expected.push(`${step} | ${events}`)
    actual.push(`${step} | ${(await stage.perform(step)).join('; ')}`)
  }
  expect(actual).toEqual(expected)
}

interface Actor {
  readonly name: string
  groupId: string
  memberId: string
  generationId: number
  instanceId: string | null
  topics: readonly string[]
  protocols: readonly string[]
  protocolType: string
  sessionMs: number
  rebalanceMs: number
  version: number
}

type Options = ReadonlyMap<string, string>

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

function milliseconds(text: string): number {
  const match = /^(\d+)(ms|s|m|h|d)$/.exec(text)
  if (!match) throw new Error(`not a duration: ${text}`)
  return Number(match[1]) * (UNITS[match[2] ?? ''] ?? 0)
}

class Stage {
  readonly #world: GroupWorld
  readonly #actors = new Map<string, Actor>()
  /** Told at the end of a step, when every actor knows its id. */
  readonly #events: (() => string)[] = []

  constructor(world: GroupWorld) {
    this.#world = world
  }

  async perform(step: string): Promise<readonly string[]> {
    const [subject = '', verb = '', ...rest] = step.split(/\s+/)
    if (subject === 'after') await this.#world.time.advance(milliseconds(verb))
    else if (subject === 'restart') await this.#restart(step)
    else if (step === 'fail disk') this.#world.failDisk()
    else if (subject === 'slow') this.#world.slowDisk(milliseconds(rest[0] ?? ''))
    else if (step === 'mend disk') this.#world.mendDisk()
    else if (subject === 'show') await this.#show()
    else if (subject === 'admin') await this.#adminRemoves(rest[0] ?? '')
    else this.#act(this.#actor(subject), verb, new Map(rest.map(splitOption)))
    await this.#settle()
    const events = this.#events.splice(0).map((tell) => tell())
    // Answers to different members have no order among them.
    return events.sort()
  }

  #act(actor: Actor, verb: string, options: Options): void {
    const generation = options.get('gen')
    const generationId = generation === undefined ? actor.generationId : Number(generation)
    switch (verb) {
      case 'joins':
        configure(actor, options)
        this.#join(actor, options.has('once'))
        break
      case 'syncs':
        this.#sync(actor, generationId, options)
        break
      case 'beats':
        this.#hear(
          this.#world.groups.heartbeat({ ...identity(actor), generationId }),
          (error) => `${actor.name} ${error === 'NONE' ? 'alive' : error}`,
        )
        break
      case 'leaves':
        this.#hear(
          this.#world.groups.leave(actor.groupId, [identity(actor)]),
          ({ error, members }) => outcome(actor, members[0]?.error ?? error, 'left'),
        )
        break
      case 'commits':
        this.#commit(actor, generationId, options)
        break
      case 'reads':
        this.#read(actor, [...options.keys()])
        break
      default:
        throw new Error(`nobody knows how to do this: ${actor.name} ${verb}`)
    }
  }

  #join(actor: Actor, once: boolean): void {
    this.#hear(this.#world.groups.join(joinRequest(actor)), (answer) => {
      if (answer.error === 'NONE' || answer.error === 'MEMBER_ID_REQUIRED') {
        actor.memberId = answer.memberId
        actor.generationId = answer.generationId
      }
      if (answer.error === 'MEMBER_ID_REQUIRED' && !once) {
        this.#join(actor, true)
        return null
      }
      return () => `${actor.name} ${this.#tellJoin(answer)}`
    })
  }

  #tellJoin(answer: JoinAnswer): string {
    if (answer.error !== 'NONE') return answer.error
    const protocol = answer.protocolName === 'range' ? '' : ` by ${answer.protocolName}`
    const skipping = answer.skipAssignment ? ' skipping assignment' : ''
    const members = answer.members.map(({ memberId }) => this.#nameOf(memberId))
    const role =
      members.length > 0 ? `leading ${members}` : `following ${this.#nameOf(answer.leader)}`
    return `joined ${answer.generationId} ${role}${protocol}${skipping}`
  }

  #sync(actor: Actor, generationId: number, options: Options): void {
    const assignments = [...options]
      .filter(([name]) => this.#actors.has(name))
      .map(([name, assignment]) => ({
        memberId: this.#actor(name).memberId,
        assignment: Buffer.from(assignment),
      }))
    const request = {
      ...identity(actor),
      generationId,
      protocolType: options.get('type') ?? null,
      protocolName: options.get('protocol') ?? null,
      assignments,
    }
    this.#hear(this.#world.groups.sync(request), (answer: SyncAnswer) =>
      outcome(actor, answer.error, `assigned ${answer.assignment.toString() || 'nothing'}`),
    )
  }

  #commit(actor: Actor, generationId: number, options: Options): void {
    const partitions = [...options].filter(([name]) => name.includes('-'))
    const request = {
      ...identity(actor),
      generationId,
      retentionMs: options.has('keep') ? milliseconds(options.get('keep') ?? '') : -1,
      unknownGroupError: 'ILLEGAL_GENERATION' as const,
      topics: partitions.map(([name, value]) => {
        const [topic = '', index] = name.split('-')
        const [offset, metadata] = value.split('/')
        const partition = {
          index: Number(index),
          offset: Number(offset),
          leaderEpoch: 0,
          metadata: metadata ?? null,
          committedAtMs: -1,
        }
        const id = this.#world.control.state.topics.get(topic)?.id ?? ''
        return { name: topic, id, partitions: [partition] }
      }),
    }
    this.#hear(this.#world.groups.commitOffsets(request), (answer) => {
      const errors = new Set(answer.partitions.flat())
      return outcome(actor, [...errors].join(',') as 'NONE', 'committed')
    })
  }

  #read(actor: Actor, partitions: readonly string[]): void {
    this.#hear(this.#world.groups.fetchOffsets(actor.groupId, false), ({ error, offsets }) => {
      const values = partitions.map((name) => {
        const [topic = '', index] = name.split('-')
        return offsets.get(topic)?.get(Number(index))?.offset ?? '-'
      })
      return outcome(actor, error, `reads ${values}`)
    })
  }

  async #adminRemoves(instances: string): Promise<void> {
    const leaving = instances
      .split(',')
      .map((groupInstanceId) => ({ memberId: '', groupInstanceId }))
    this.#hear(this.#world.groups.leave('g', leaving), ({ members }) =>
      members.map(({ groupInstanceId, error }) => `${groupInstanceId} ${error}`).join(', '),
    )
  }

  async #show(): Promise<void> {
    const group = await this.#world.finish(this.#world.groups.describe('g'))
    if (group === null || typeof group === 'string') {
      this.#events.push(() => group ?? 'no group')
      return
    }
    const members = group.members.map(
      ({ memberId, assignment }) => `${this.#nameOf(memberId)}=${assignment}`,
    )
    const leader = group.leader === null ? '' : ` led by ${this.#nameOf(group.leader)}`
    const list = members.length > 0 ? `: ${members.join(' ')}` : ''
    this.#events.push(() => `${group.state} ${group.generationId}${leader}${list}`)
  }

  async #restart(step: string): Promise<void> {
    const configs = step.split(/\s+/).slice(1).map(splitOption)
    await this.#world.stop()
    await this.#settle()
    await this.#world.start(Object.fromEntries(configs))
  }

  #hear<Answer>(
    work: Promise<Answer>,
    tell: (answer: Answer) => string | (() => string) | null,
  ): void {
    void work.then((answer) => {
      const event = tell(answer)
      if (event !== null) this.#events.push(typeof event === 'string' ? () => event : event)
    })
  }

  async #settle(): Promise<void> {
    for (let round = 0; round < 10; round++) await this.#world.time.advance(0)
  }

  #actor(name: string): Actor {
    let actor = this.#actors.get(name)
    if (!actor) {
      actor = {
        name,
        groupId: 'g',
        memberId: '',
        generationId: -1,
        instanceId: null,
        topics: ['t'],
        protocols: ['range'],
        protocolType: 'consumer',
        sessionMs: 10_000,
        rebalanceMs: 60_000,
        version: 9,
      }
      this.#actors.set(name, actor)
    }
    return actor
  }

  #nameOf(memberId: string): string {
    for (const actor of this.#actors.values()) if (actor.memberId === memberId) return actor.name
    // Ids begin with what the client calls itself, which is the actor's name.
    return `old ${memberId.split('-')[0]}`
  }
}

function splitOption(word: string): [string, string] {
  const at = word.indexOf('=')
  return at < 0 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)]
}

function configure(actor: Actor, options: Options): void {
  for (const [name, value] of options) {
    if (/^v\d$/.test(name)) actor.version = Number(name.slice(1))
    else if (name === 'afresh') actor.memberId = ''
    else if (name === 'as') actor.instanceId = value
    else if (name === 'group') actor.groupId = value
    else if (name === 'topics') actor.topics = value.split(',')
    else if (name === 'protocols') actor.protocols = value.split(',')
    else if (name === 'type') actor.protocolType = value
    else if (name === 'session') actor.sessionMs = milliseconds(value)
    else if (name === 'rebalance') actor.rebalanceMs = milliseconds(value)
    else if (name !== 'once') throw new Error(`no such option: ${name}`)
  }
}

function identity(actor: Actor) {
  const { groupId, memberId, instanceId } = actor
  return { groupId, memberId, groupInstanceId: instanceId }
}

function joinRequest(actor: Actor): JoinRequest {
  const metadata = subscription(actor.topics)
  return {
    ...identity(actor),
    clientId: actor.name,
    clientHost: '/127.0.0.1',
    sessionTimeoutMs: actor.sessionMs,
    rebalanceTimeoutMs: actor.rebalanceMs,
    protocolType: actor.protocolType,
    protocols: actor.protocols.map((name) => ({ name, metadata })),
    requiresKnownMemberId: actor.version >= 4,
    supportsSkippingAssignment: actor.version >= 9,
  }
}

function subscription(topics: readonly string[]): Buffer {
  const writer = new Writer()
  writer.int16(0)
  codec(ConsumerProtocolSubscription, 0).write(writer, { topics })
  return Buffer.concat(writer.finish())
}

function outcome(actor: Actor, error: string, success: string): string {
  return `${actor.name} ${error === 'NONE' ? success : error}`
}
