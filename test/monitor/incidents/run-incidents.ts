import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BrokerProcess } from '../../support/broker-process.ts'
import { startBrokerProcess, temporaryDirectory } from '../../support/broker-process.ts'
import { freePort } from '../../support/free-port.ts'
import type { Counts } from '../checks.ts'
import { FullDisk } from './full-disk.ts'
import type { Incident, Stage } from './incident.ts'
import { GROUP, StoppedConsumer } from './stopped-consumer.ts'
import { WRONG_ADMIN_LOGINS, WRONG_KAFKA_LOGINS } from './wrong-logins.ts'

/**
 * What `npm start` starts, with its defaults, while things break: for each the alert, the finding with its remedy and
 * the ticket have to be there. How soon is printed; a machine that is busy with other things is given twice the minute.
 */
const DEADLINE_MS = 120_000
const WARM_UP_MS = 90_000
const POLL_MS = 250
/** So often the consumer has to have been seen while it worked. */
const SCRAPES = 3

const SIGNS = ['alert', 'finding', 'ticket'] as const
type Sign = (typeof SIGNS)[number]
/** Seconds from the first thing that went wrong. */
type Outcome = Partial<Record<Sign, number>>

/** Counts incidents that were told of in time, and healthy twins that were not told of. */
export async function runIncidents(): Promise<Counts> {
  // The consumer first: nothing is produced any more once the disk is full.
  const incidents = [
    ...[new StoppedConsumer(), WRONG_KAFKA_LOGINS, WRONG_ADMIN_LOGINS],
    new FullDisk(),
  ]
  const directory = await temporaryDirectory()
  const { broker, stage } = await start(directory.path)
  try {
    for (const incident of incidents) await incident.prepare?.(stage)
    await untilWatched(stage)
    const told: Promise<boolean>[] = []
    for (const incident of incidents) {
      if (Object.keys(await signsOf(incident, stage)).length > 0)
        throw new Error(`${incident.name}: it was told of before it happened`)
      const beganMs = performance.now()
      await incident.cause(stage)
      told.push(watch(incident, stage, beganMs).then((outcome) => tell(incident, outcome)))
    }
    const outcomes = await Promise.all(told)
    let failed = outcomes.filter((isGood) => !isGood).length
    const { alerts } = await look(stage)
    const twins = incidents.flatMap(({ name, twin }) => (twin === null ? [] : [{ name, twin }]))
    for (const { name, twin } of twins) {
      if (!alerts.some((alert) => carries(alert, twin))) continue
      console.log(`FAIL ${name}: its healthy twin is told of, too: ${JSON.stringify(twin)}`)
      failed++
    }
    return { passed: outcomes.length + twins.length - failed, failed }
  } finally {
    for (const incident of incidents) await incident.end?.()
    await broker.end('SIGTERM')
    await directory.remove()
  }
}

async function start(path: string): Promise<{ broker: BrokerProcess; stage: Stage }> {
  const [openPort, loginPort] = [await freePort(), await freePort()]
  const overrides = {
    listeners: `OPEN://127.0.0.1:${openPort},LOGIN://127.0.0.1:${loginPort}`,
    'listener.security.protocol.map': 'OPEN:PLAINTEXT,LOGIN:SASL_PLAINTEXT',
    'sasl.enabled.mechanisms': 'PLAIN',
  }
  const broker = await startBrokerProcess(path, {
    command: 'start',
    args: Object.entries(overrides).flatMap(([name, value]) => ['--override', `${name}=${value}`]),
  })
  const token = (await readFile(join(path, 'root.token'), 'utf8')).trim()
  const { adminUrl, consoleUrl } = broker
  return {
    broker,
    stage: {
      ...{ adminUrl, consoleUrl },
      kafkaAddress: `127.0.0.1:${openPort}`,
      loginAddress: `127.0.0.1:${loginPort}`,
      async call(method, path, body) {
        const answer = await fetch(new URL(path, adminUrl), {
          method,
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        })
        if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`)
        return answer.json()
      },
    },
  }
}

/** Until the monitor has seen for a while that everything works. */
async function untilWatched({ consoleUrl, call }: Stage): Promise<void> {
  const query = encodeURIComponent(`count_over_time(glasslog_group_members{group="${GROUP}"}[5m])`)
  const deadlineMs = performance.now() + WARM_UP_MS
  for (;;) {
    const answer = await call('GET', `${consoleUrl}/api/v1/query?query=${query}`)
    const { data } = answer as { data: { result: readonly { value: [number, string] }[] } }
    if (Number(data.result[0]?.value[1] ?? 0) >= SCRAPES) return
    if (performance.now() > deadlineMs) throw new Error('the monitor does not see the consumer')
    await sleep(POLL_MS)
  }
}

/** Looks until everything is there, or for too long. */
async function watch(incident: Incident, stage: Stage, beganMs: number): Promise<Outcome> {
  const outcome: Outcome = {}
  while (performance.now() - beganMs < DEADLINE_MS) {
    const seen = await signsOf(incident, stage)
    for (const sign of seen) outcome[sign] ??= (performance.now() - beganMs) / 1000
    if (SIGNS.every((sign) => outcome[sign] !== undefined)) break
    await sleep(POLL_MS)
  }
  return outcome
}

interface Told {
  /** The labels of each. */
  readonly alerts: readonly Readonly<Record<string, string>>[]
  readonly findings: readonly {
    readonly id: string
    readonly check: string
    readonly resource: { readonly name: string }
    readonly remedy: { readonly steps: readonly string[] }
  }[]
  readonly tickets: readonly { readonly state: string; readonly source: { readonly id?: string } }[]
}

async function look({ consoleUrl, call }: Stage): Promise<Told> {
  const ask = (path: string): Promise<unknown> => call('GET', `${consoleUrl}${path}`)
  const alerts = (await ask('/api/v2/alerts')) as readonly { labels: Told['alerts'][number] }[]
  const { findings } = (await ask('/v1/inspections?state=open&limit=1000')) as Told
  const { tickets } = (await ask('/v1/tickets?limit=1000')) as Told
  return { alerts: alerts.map(({ labels }) => labels), findings, tickets }
}

/** What there is about it now. */
async function signsOf({ alert, finding }: Incident, stage: Stage): Promise<readonly Sign[]> {
  const { alerts, findings, tickets } = await look(stage)
  const found = findings.find(
    ({ check, resource, remedy }) =>
      check === finding.check && resource.name === finding.resource && remedy.steps.length > 0,
  )
  const isThere: Readonly<Record<Sign, boolean>> = {
    alert: alerts.some((labels) => carries(labels, alert)),
    finding: found !== undefined,
    ticket: tickets.some(
      ({ state, source }) => state === 'open' && found !== undefined && source.id === found.id,
    ),
  }
  return SIGNS.filter((sign) => isThere[sign])
}

function carries(
  labels: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(wanted).every(([name, value]) => labels[name] === value)
}

function tell({ name, alert }: Incident, outcome: Outcome): boolean {
  const isGood = SIGNS.every((sign) => outcome[sign] !== undefined)
  const times = SIGNS.map((sign) => {
    const seconds = outcome[sign]
    return `${sign} ${seconds === undefined ? 'missing' : `after ${seconds.toFixed(1)} s`}`
  })
  console.log(`${isGood ? 'ok  ' : 'FAIL'} ${name} (${alert.alertname}): ${times.join(', ')}`)
  return isGood
}
