/** What tests of this room need: a pipeline in simulated time whose notifications are kept instead of sent. */
import type { Disk } from '../kit/index.ts'
import { seededRandom, silentLogger } from '../kit/index.ts'
import type { SimTime } from '../kit/testing.ts'
import { createSimDisk, createSimTime } from '../kit/testing.ts'
import type { IncomingAlert } from './alerts/alert.ts'
import type { AlertingConfig } from './config/config.ts'
import { parseAlertingConfig } from './config/parse-config.ts'
import type { Notification } from './delivery/notification.ts'
import type { Outcome } from './delivery/notifier.ts'
import type { Operation, OperationObserver } from './operation.ts'
import type { Outlets } from './pipeline/pipeline.ts'
import { AlertingPipeline, DEFAULT_MAX_ALERTS } from './pipeline/pipeline.ts'
import type { Ticket } from './tickets/ticket.ts'

export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS
export const DELIVERED: Outcome = { kind: 'delivered', answer: 'HTTP 200' }
export const DOWN: Outcome = {
  kind: 'failed',
  answer: 'connect ECONNREFUSED',
  isRefused: false,
  retryAfterMs: null,
}

/** A notification that came to its end, and when. */
export interface Arrival {
  readonly to: string
  readonly atMs: number
  readonly notification: Notification
}

/** The world outside: it lives on when the pipeline is killed. */
export class Outside {
  readonly arrivals: Arrival[] = []
  readonly tickets: Ticket[] = []
  attempts = 0
  /** Decides what comes of each attempt; delivered ones are kept. */
  answer: (to: string, notification: Notification) => Outcome | Promise<Outcome> = () => DELIVERED

  outlets(time: SimTime): Outlets {
    return {
      notifier: (integration, receiver) => {
        const to = `${receiver}/${integration.kind}`
        return {
          to,
          send: async (notification) => {
            this.attempts++
            const outcome = await this.answer(to, notification)
            if (outcome.kind === 'delivered')
              this.arrivals.push({ to, atMs: time.clock.now(), notification })
            return outcome
          },
        }
      },
      ticketMirror: () => async (ticket) => {
        const outcome = await this.answer('tickets', {} as Notification)
        if (outcome.kind === 'delivered') this.tickets.push(ticket)
        return outcome
      },
      forwarder: () => ({ forward: () => {}, stop: async () => {} }),
    }
  }

  /** What arrived since the last call, such as `team/webhook first firing: a b; resolved: c`. */
  take(): string[] {
    return this.arrivals.splice(0).map(({ to, notification: { reason, alerts } }) => {
      const named = (status: string) =>
        alerts
          .filter((alert) => alert.status === status)
          .map(({ labels }) => labels.alertname)
          .sort()
          .join(' ')
      return `${to} ${reason} firing: ${named('firing')}; resolved: ${named('resolved')}`
    })
  }
}

export interface TestPipeline {
  readonly pipeline: AlertingPipeline
  readonly time: SimTime
  readonly outside: Outside
  readonly disk: Disk
  readonly operations: Operation[]
  /** Alerts by name that fire at each of the evaluations to come. */
  readonly firing: Map<string, IncomingAlert>
  /** Makes alerts fire, by name, from the next evaluation on. */
  fire(...names: string[]): void
  /** Lets time pass with an evaluation every 15 seconds, which tells of all that fires, and of what has just ended. */
  pass(durationMs: number): Promise<void>
}

export function config(yaml: string): AlertingConfig {
  return parseAlertingConfig(yaml)
}

/** One receiver called `team` that gets everything, in groups by name. */
export const ONE_TEAM = `
route: { receiver: team, group_by: [alertname] }
receivers: [{ name: team, webhook_configs: [{ url: 'http://localhost/' }] }]
`

export async function openPipeline(
  settings: AlertingConfig = config(ONE_TEAM),
  parts: Partial<Pick<TestPipeline, 'time' | 'outside' | 'disk' | 'firing'>> & {
    readonly maxAlerts?: number
    readonly observe?: OperationObserver
  } = {},
): Promise<TestPipeline> {
  const time = parts.time ?? createSimTime()
  const outside = parts.outside ?? new Outside()
  const disk = parts.disk ?? createSimDisk()
  const firing = parts.firing ?? new Map<string, IncomingAlert>()
  const operations: Operation[] = []
  const { clock, timers } = time
  const pipeline = await AlertingPipeline.open(
    { disk, clock, timers, random: seededRandom(1), logger: silentLogger },
    {
      directory: 'alerting',
      externalUrl: 'http://console',
      maxAlerts: parts.maxAlerts ?? DEFAULT_MAX_ALERTS,
    },
    outside.outlets(time),
    settings,
    (operation) => {
      operations.push(operation)
      return parts.observe?.(operation)
    },
  )
  const told = new Map<string, IncomingAlert>()
  return {
    ...{ pipeline, time, outside, disk, operations, firing },
    fire(...names) {
      for (const name of names) firing.set(name, alertNamed(name, clock.now()))
    },
    async pass(durationMs) {
      for (let passedMs = 0; passedMs < durationMs; passedMs += 15_000) {
        const ended = [...told].flatMap(([name, alert]) => (firing.has(name) ? [] : alert))
        const over = ended.map((alert) => ({ ...alert, endsAtMs: clock.now() }))
        const evaluation = pipeline.receive([...firing.values(), ...over])
        told.clear()
        for (const [name, alert] of firing) told.set(name, alert)
        await time.advance(Math.min(15_000, durationMs - passedMs))
        await evaluation
      }
    },
  }
}

/** `name` may carry further labels: `Lag{group=g1,severity=critical}`. */
export function alertNamed(name: string, startsAtMs: number): IncomingAlert {
  const [, alertname = name, rest = ''] = /^(\w+)\{(.*)\}$/.exec(name) ?? []
  const pairs = rest === '' ? [] : rest.split(',').map((pair) => pair.split('='))
  return {
    labels: { alertname: name, ...Object.fromEntries(pairs), kind: alertname },
    annotations: { summary: `${name} is wrong` },
    startsAtMs,
    endsAtMs: null,
    generatorUrl: '',
  }
}
