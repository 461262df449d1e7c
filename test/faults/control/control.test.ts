import { afterAll, beforeAll, expect, test } from 'vitest'
import type { HistoryRecord } from '../../../audit/index.ts'
import { seededRandom, systemTimers } from '../../../kit/index.ts'
import { temporaryDirectory } from '../../support/broker-process.ts'
import { depth, seed } from '../support/shards.ts'
import type { Life } from './actors.ts'
import { Actor, guess, watch } from './actors.ts'
import { askHttp, KafkaDoor } from './doors.ts'
import { GroupOffsets } from './group-offsets.ts'
import { HistoryChecker } from './history-checker.ts'
import { Ledger } from './ledger.ts'
import { PREDICTIONS } from './predictions.ts'
import type { Looker } from './views.ts'
import { compareViews, stateAt } from './views.ts'
import { World } from './world.ts'

/**
 * Several people at both doors of a broker with authentication do whatever comes to their minds,
 * and the broker is killed in the middle of it. A model says what each operation must come to. After
 * each kill: every operation that was answered has its record, with that outcome; none has two; no
 * record was asked for by nobody; the history verifies by itself and against all that was
 * published; the state is the model's, by the history and by everything that both doors show; the
 * states that somebody looked at are found again; and no secret was written where people look.
 */
const LIVES = 5 * depth
/** Attempts in a life, and how long it may take on a machine that has much else to do. */
const ATTEMPTS = { least: 150, most: 600 }
const MAX_LIFE_MS = 15_000

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let world: World
beforeAll(async () => {
  directory = await temporaryDirectory()
  world = new World(directory.path)
})
afterAll(async () => {
  await world.stop()
  if (process.env.GLASSLOG_FAULTS_LOG) console.log(world.log)
  await directory.remove()
})

test(`control operations at random under SIGKILL (seed ${seed})`, async () => {
  const random = seededRandom(seed)
  await world.start()
  await world.furnish()
  const ledger = new Ledger()
  const checker = new HistoryChecker(ledger, await world.builtInRoles())
  const own = { world, ledger }
  const actors = [
    new Actor('admin', 'kafka', { ...own, random: seededRandom(random.below(2 ** 31)) }),
    new Actor('alice', 'kafka', { ...own, random: seededRandom(random.below(2 ** 31)) }),
    ...(['root', 'boss', 'operator', 'custom', 'watcher'] as const).map(
      (name) => new Actor(name, 'http', { ...own, random: seededRandom(random.below(2 ** 31)) }),
    ),
  ]
  const groups = new Map(actors.map((actor) => [actor, new GroupOffsets()]))
  const looked = new Map<number, string>()
  const taken = new Map<Actor, number>()
  let checked: readonly HistoryRecord[] = []

  for (let number = 0; number < LIVES; number++) {
    if (number > 0) {
      await world.start()
      expect(await lookAround(checker, groups, looked)).toEqual([])
    }
    const isLast = number === LIVES - 1
    const attempts = random.below(ATTEMPTS.most - ATTEMPTS.least) + ATTEMPTS.least
    await live(actors, checker, { ledger, attempts: ledger.size + attempts, isLast })
    const records = await world.verifiedHistory()
    checker.take(records.slice(checker.next), { isOrderly: isLast })
    checked = records
    expect(checker.problems.slice(0, 10)).toEqual([])
    for (const [actor, offsets] of groups) {
      const since = actor.asked.slice(taken.get(actor) ?? 0)
      expect(offsets.take(since, checker)).toEqual([])
      taken.set(actor, actor.asked.length)
    }
    world.findSecretsInLog()
  }
  const seen = new Set([...checker.seen.keys()].map((what) => what.split(' ', 1)[0] ?? ''))
  expect(Object.keys(PREDICTIONS).filter((kind) => !seen.has(kind))).toEqual([])
  console.log(`${ledger.size} attempts, ${checked.length} records, ${LIVES} lives (seed ${seed})`)
})

/** One life of the broker with everybody at work, to its sudden end, or, the last one, an orderly one. */
async function live(
  actors: readonly Actor[],
  checker: HistoryChecker,
  { ledger, attempts, isLast }: { ledger: Ledger; attempts: number; isLast: boolean },
): Promise<void> {
  const life: Life = { isOver: false, isKilled: false }
  const work = Promise.all([
    ...actors.map((actor) => actor.act(life)),
    guess(world, seededRandom(seed + attempts), life),
    watch(world, checker, life),
  ])
  await Promise.race([until(() => ledger.size >= attempts), work])
  if (isLast) {
    life.isOver = true
    await work
    expect(await world.end('SIGTERM')).toBe(0)
    return
  }
  life.isKilled = true
  await world.end('SIGKILL')
  life.isOver = true
  await work
}

/** Looks at short intervals, so that the end comes in the middle of anything. */
async function until(isEnough: () => boolean): Promise<void> {
  const endMs = performance.now() + MAX_LIFE_MS
  while (!isEnough() && performance.now() < endMs) {
    await new Promise<void>((resolve) => void systemTimers.after(3, resolve))
  }
}

/** Everything that can be seen before anybody does anything. Answers what is not as it must be. */
async function lookAround(
  checker: HistoryChecker,
  groups: ReadonlyMap<Actor, GroupOffsets>,
  looked: Map<number, string>,
): Promise<readonly string[]> {
  const { address } = world
  const token = world.tokens.get('root') ?? ''
  const kafka = await KafkaDoor.logIn(address.kafkaPort, 'admin', world.passwords.admin)
  const looker: Looker = { address, token, kafka }
  try {
    // What was to be deleted when the process died is finished by the start, and recorded.
    checker.take(await recordsFrom(looker, checker.next), { isOrderly: false })
    const problems = [...(await compareViews(looker, checker.model))]
    const { seq, hash } = await stateAt(looker)
    looked.set(seq, hash)
    for (const [at, then] of looked) {
      const state = await stateAt(looker, at)
      if (state.hash !== then) problems.push(`the state after ${at} is not what it was then`)
    }
    for (const [{ principal }, { possible }] of groups) {
      const committed = await committedOffset(looker, `group of ${principal}`)
      if (possible.has(committed)) continue
      problems.push(`the group of ${principal} is at ${committed}, not at one of ${[...possible]}`)
    }
    return problems
  } finally {
    await kafka.close()
  }
}

async function recordsFrom(
  { address, token }: Looker,
  first: number,
): Promise<readonly HistoryRecord[]> {
  const records: HistoryRecord[] = []
  for (;;) {
    const target = `GET /v1/audit/${first + records.length}`
    const { code, body } = await askHttp(address, target, { token, mark: 'checker' })
    if (code !== 'NONE') return records
    records.push(body as unknown as HistoryRecord)
  }
}

async function committedOffset({ address, token }: Looker, group: string): Promise<number | null> {
  const target = `GET /v1/groups/${encodeURIComponent(group)}`
  const { body } = await askHttp(address, target, { token, mark: 'checker' })
  const offsets = (body.offsets ?? []) as readonly { readonly offset: number }[]
  return offsets[0]?.offset ?? null
}
