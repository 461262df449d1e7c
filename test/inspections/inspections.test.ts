import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Finding } from '../../monitor/inspections/index.ts'
import { CHECKS } from '../../monitor/inspections/index.ts'
import { createCertificateAuthority } from '../support/certificates.ts'
import type { RawClient } from '../support/client.ts'
import { connectRaw } from '../support/client.ts'
import { startInspectedBroker, writeFile } from '../support/inspected-broker.ts'
import { CLIENT_SCENARIOS } from './client-scenarios.ts'
import { GROUP_SCENARIOS, HEALTHY_CONSUMER } from './group-scenarios.ts'
import { PLANNED, SAFETY_SCENARIOS } from './safety-scenarios.ts'
import type { Scenario, World } from './scenario.ts'

/**
 * One broker on which everything goes wrong at once, each beside a twin that does the same well: first nothing
 * is found, then each scenario is found and its twin is not, then its remedy clears it.
 */

const SCENARIOS: readonly Scenario[] = [
  ...CLIENT_SCENARIOS,
  ...GROUP_SCENARIOS,
  ...SAFETY_SCENARIOS,
]
const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
const KEYSTORE = '/config/broker.pem'
const MINUTES_OF_MISBEHAVIOUR = 5
/** Longer than the time that an inspection looks back over. */
const MINUTES_OF_BEHAVIOUR = 8

let world: World
let before: readonly Finding[]
let raised: readonly Finding[]
let after: readonly Finding[]
const remedies = new Map<string, { dryRun: unknown; applied: unknown }>()

async function startWorld(): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'glasslog-inspections-'))
  const keystore = (days: number): string => {
    const authority = createCertificateAuthority(directory, `ca-${days}`, days)
    return readFileSync(authority.issue(`broker-${days}`, '/CN=localhost').path, 'utf8')
  }
  const inspected = await startInspectedBroker({
    overrides: {
      listeners: 'PLAINTEXT://127.0.0.1:0,LOGIN://127.0.0.1:0,SECURE://127.0.0.1:0',
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,LOGIN:SASL_PLAINTEXT,SECURE:SSL',
      'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256',
      'connection.failed.authentication.delay.ms': '0',
      'connections.max.idle.ms': '-1',
      'glasslog.authorizer': 'acl',
      'super.users': 'User:ANONYMOUS',
      'ssl.keystore.location': KEYSTORE,
      'glasslog.ssl.reload.interval.ms': '100',
      'auto.create.topics.enable': 'false',
    },
    files: { [KEYSTORE]: keystore(45) },
    settings: PLANNED,
    audit: { checkpointsToOutput: false, checkpointFile: '/outside/checkpoints' },
  })
  const clients: RawClient[] = []
  const { listeners } = (await inspected.call('GET', '/v1/listeners')) as {
    listeners: { name: string; port: number }[]
  }
  const portOf = (name: string) => listeners.find((one) => one.name === name)?.port ?? 0
  const connect = async (port: number, clientId?: string): Promise<RawClient> => {
    const client = await connectRaw(port, clientId === undefined ? {} : { clientId })
    clients.push(client)
    return client
  }
  return {
    ...inspected,
    client: await connect(portOf('PLAINTEXT'), 'main'),
    connect: (clientId) => connect(portOf('PLAINTEXT'), clientId),
    connectToLogIn: () => connect(portOf('LOGIN')),
    async createTopic(name, partitions = 1, configs = {}) {
      await inspected.call('POST', '/v1/topics', { name, partitions, configs })
    },
    certificates: { renew: () => writeFile(inspected.disk, KEYSTORE, keystore(1_000)) },
    async stop() {
      for (const client of clients) await client.close()
      await inspected.stop()
      rmSync(directory, { recursive: true })
    },
  }
}

function findingOf(found: readonly Finding[], { check, resource }: Scenario): Finding | undefined {
  return found.find((one) => one.check === check && one.resource.name === resource)
}

/** Does one step of every scenario, and says of which one it was when that fails. */
async function forAll(
  step: (scenario: Scenario) => Promise<void> | undefined,
  scenarios = SCENARIOS,
): Promise<void> {
  for (const scenario of scenarios) {
    try {
      await step(scenario)
    } catch (cause) {
      throw new Error(`the scenario ${scenario.check} failed: ${cause}`, { cause })
    }
  }
}

async function mend(scenario: Scenario): Promise<void> {
  if (scenario.mend !== 'apply') return scenario.mend(world)
  const finding = findingOf(raised, scenario)
  const action = finding?.remedy.action
  if (!action) return
  const change = (dryRun: boolean) =>
    world.admin.change(action, { dryRun, reason: finding.title, authorization: null })
  remedies.set(scenario.check, { dryRun: await change(true), applied: await change(false) })
}

beforeAll(async () => {
  world = await startWorld()
  await HEALTHY_CONSUMER.prepare(world)
  await forAll((scenario) => scenario.prepare?.(world))
  // Inspections look back over ten minutes, and to log in as some do to prepare is to be found already.
  await world.pass(11 * MINUTE_MS)
  await HEALTHY_CONSUMER.behave(world)
  await world.pass(MINUTE_MS)
  before = await world.inspect()

  await world.pass(31 * DAY_MS)
  for (let minute = 0; minute < MINUTES_OF_MISBEHAVIOUR; minute++) {
    await forAll((scenario) => scenario.misbehave?.(world, minute))
    await HEALTHY_CONSUMER.behave(world)
    await world.pass(MINUTE_MS)
  }
  raised = await world.inspect()

  // The last first: what was made scarce in the end is given back before others need it.
  await forAll(mend, SCENARIOS.toReversed())
  for (let minute = 0; minute < MINUTES_OF_BEHAVIOUR; minute++) {
    await forAll((scenario) => scenario.behave?.(world, minute))
    await HEALTHY_CONSUMER.behave(world)
    await world.pass(2 * MINUTE_MS)
  }
  after = await vi.waitUntil(
    async () => {
      const found = await world.inspect()
      // Files of certificates are looked at again in real time.
      return found.some(({ check }) => check === 'certificate-expiry')
        ? world.pass(100).then(() => undefined)
        : found
    },
    { timeout: 20_000, interval: 100 },
  )
}, 120_000)
afterAll(() => world.stop())

describe('an inspection', () => {
  it.each(SCENARIOS)('is quiet about $check before anything is wrong', (scenario) => {
    expect(findingOf(before, scenario)).toBeUndefined()
  })

  it.each(SCENARIOS)('finds $check, and nothing at its twin', (scenario) => {
    const finding = findingOf(raised, scenario)
    expect(finding).toMatchObject({ state: 'open', raises: 1 })
    expect(finding?.evidence.facts.length === 0 && finding?.summary === '').toBe(false)
    expect(finding?.remedy.steps.length).toBeGreaterThan(0)
    const ofCheck = raised.filter(({ check }) => check === scenario.check)
    const names = ofCheck.map(({ resource }) => resource.name)
    for (const twin of scenario.twins) expect(names).not.toContain(twin)
    expect(finding?.summary).not.toMatch(/NaN|undefined/)
  })

  it.each(SCENARIOS.filter((one) => one.mend === 'apply'))(
    'can carry out the remedy of $check, after a dry run',
    ({ check }) => {
      expect(remedies.get(check)).toMatchObject({
        dryRun: { status: 200, body: { dryRun: true, seq: null } },
        applied: { status: 200, body: { dryRun: false, seq: expect.any(Number) } },
      })
    },
  )

  it.each(SCENARIOS)('no longer finds $check once its remedy was carried out', (scenario) => {
    expect(findingOf(after, scenario)).toBeUndefined()
    const kept = world.book.all().find(({ id }) => id === findingOf(raised, scenario)?.id)
    expect(kept?.state).toBe('fixed')
  })

  it('draws what it found', () => {
    const { chart } = findingOf(raised, SCENARIOS[0] as Scenario)?.evidence ?? {}
    expect(chart?.points.some(([, value]) => value > 0)).toBe(true)
  })

  it('has every check judged', () => {
    expect(world.inspector.lastReport).toMatchObject({ checks: CHECKS.length, failedChecks: [] })
  })
})
