import type { Random } from '../../../kit/index.ts'
import { systemTimers } from '../../../kit/index.ts'
import { ALARM_ATTEMPTS } from './alarm-attempts.ts'
import type { Generator, Knowledge } from './attempt.ts'
import { pick, rarely } from './choices.ts'
import { askHttp, KafkaDoor, LoginRefused } from './doors.ts'
import type { HistoryChecker } from './history-checker.ts'
import { ADMINISTRATORS_ATTEMPTS, HTTP_ATTEMPTS } from './http-attempts.ts'
import { KAFKA_ATTEMPTS } from './kafka-attempts.ts'
import type { Ledger, LedgerEntry } from './ledger.ts'
import { stateAt } from './views.ts'
import type { AccountName, World } from './world.ts'

/** One of the broker's lives, as those see it who work in it. */
export interface Life {
  /** Nobody begins anything any more. */
  isOver: boolean
  /** From now on connections may break; before, each that does is a fault. */
  isKilled: boolean
}

/** Somebody who asks for one thing after the other, at one of the doors. */
export class Actor {
  readonly principal: string
  readonly name: string
  readonly #door: 'kafka' | 'http'
  readonly #world: World
  readonly #ledger: Ledger
  readonly #random: Random
  readonly #generators: readonly Generator[]
  readonly #knowledge: Knowledge = { tokenIds: [], aclIds: [], delegationTokens: [], seqs: [] }
  /** What it has asked for, in its order. */
  readonly asked: LedgerEntry[] = []

  constructor(
    name: AccountName | 'admin' | 'alice',
    door: 'kafka' | 'http',
    options: { readonly world: World; readonly ledger: Ledger; readonly random: Random },
  ) {
    this.name = name
    this.principal = `User:${name}`
    this.#door = door
    this.#world = options.world
    this.#ledger = options.ledger
    this.#random = options.random
    const isAdministrator = name === 'root' || name === 'boss'
    const everybodys = [...HTTP_ATTEMPTS, ...ALARM_ATTEMPTS]
    const overHttp = isAdministrator ? [...everybodys, ...ADMINISTRATORS_ATTEMPTS] : everybodys
    this.#generators = door === 'kafka' ? KAFKA_ATTEMPTS : overHttp
  }

  /** Until the broker dies. */
  async act(life: Life): Promise<void> {
    let kafka: KafkaDoor | null = null
    try {
      if (this.#door === 'kafka') kafka = await this.#logIn()
      while (!life.isOver) await this.#attempt(kafka)
    } catch (error) {
      if (!isCutOff(error, life)) throw error
    } finally {
      await kafka?.close()
    }
  }

  async #logIn(): Promise<KafkaDoor> {
    const { address, passwords } = this.#world
    const user = this.name === 'admin' ? 'admin' : 'alice'
    return KafkaDoor.logIn(address.kafkaPort, user, passwords[user])
  }

  async #attempt(kafka: KafkaDoor | null): Promise<void> {
    const mark = `${this.name}-${this.asked.length}`
    const { principal } = this
    const attempt = pick(
      this.#random,
      this.#generators,
    )({
      ...{ random: this.#random, mark, principal, knowledge: this.#knowledge },
      secrets: this.#world.secrets,
    })
    const entry = this.#ledger.begin({ mark, principal, door: this.#door, attempt })
    this.asked.push(entry)
    const token = this.#world.tokens.get(this.name as AccountName) ?? ''
    const { address } = this.#world
    this.#ledger.answered(entry, await attempt.send({ address, kafka, token, mark }))
  }
}

/** Whoever is cut off by the kill does not know what came of it; anything else is a fault. */
function isCutOff(error: unknown, { isKilled }: Life): boolean {
  if (!isKilled || !(error instanceof Error)) return false
  return /fetch failed|terminated|connection closed|ECONNREFUSED|ECONNRESET|no broker/.test(
    error.message,
  )
}

const pause = (durationMs: number): Promise<void> =>
  new Promise((resolve) => void systemTimers.after(durationMs, resolve))

/** Guesses a password or a token again and again, at either door. */
export async function guess(world: World, random: Random, life: Life): Promise<void> {
  try {
    while (!life.isOver) {
      if (rarely(random, 2)) await guessAtKafka(world)
      else await guessOverHttp(world, random)
      await pause(100)
    }
  } catch (error) {
    if (!isCutOff(error, life)) throw error
  }
}

async function guessAtKafka({ address }: World): Promise<void> {
  try {
    await KafkaDoor.logIn(address.kafkaPort, 'alice', 'not her password')
  } catch (error) {
    if (error instanceof LoginRefused) return
    throw error
  }
  throw new Error('somebody came in with a wrong password')
}

async function guessOverHttp({ address }: World, random: Random): Promise<void> {
  const target = pick(random, ['GET /v1/topics', 'POST /v1/session'])
  const login = { account: 'operator', password: 'not the password' }
  const { status } = await askHttp(address, target, {
    ...{ token: 'not a token', mark: 'guesser' },
    ...(target.startsWith('POST') ? { body: login } : {}),
  })
  if (status < 400) throw new Error('somebody came in with a wrong token')
}

/** Looks at the state as it is, again and again, for the history to say the same of that moment. */
export async function watch(world: World, checker: HistoryChecker, life: Life): Promise<void> {
  const token = world.tokens.get('root') ?? ''
  try {
    while (!life.isOver) {
      const seen = await stateAt({ address: world.address, token })
      checker.observe(seen)
      await pause(50)
    }
  } catch (error) {
    if (!isCutOff(error, life)) throw error
  }
}
