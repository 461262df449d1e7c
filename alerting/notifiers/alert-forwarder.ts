import type { Cancel, Logger, Timers } from '../../kit/index.ts'
import type { Alert } from '../alerts/alert.ts'
import { isFiring } from '../alerts/alert.ts'
import type { Fingerprint } from '../alerts/label-set.ts'
import type { ForwardTarget } from '../config/config.ts'
import type { AlertForwarder } from '../pipeline/pipeline.ts'
import type { HttpPorts } from './http-delivery.ts'
import { deliverByHttp } from './http-delivery.ts'

/** As Prometheus does it: firing alerts again and again, those that are over for a quarter of an hour. */
const RESEND_MS = 60_000
const RESEND_RESOLVED_MS = 15 * 60_000
/** What the other side waits before it takes an alert that nobody repeats for one that is over. */
const VALID_MS = 4 * RESEND_MS
const MAX_PER_REQUEST = 500

/** Hands all alerts on to another Alertmanager, by its clients' rules: send everything again until it is over. */
export function createAlertForwarder(
  ports: HttpPorts,
  timers: Timers,
  logger: Logger,
  target: ForwardTarget,
): AlertForwarder {
  const known = new Map<Fingerprint, { alert: Alert; isSent: boolean }>()
  let underway: Promise<void> | null = null
  let isStopped = false
  let isDown = false

  const post = async (alerts: readonly Alert[]): Promise<boolean> => {
    const nowMs = ports.clock.now()
    const outcome = await deliverByHttp(ports, {
      url: { kind: 'plain', url: `${target.url}/api/v2/alerts` },
      http: target.http,
      timeoutMs: target.timeoutMs,
      compose: async () => ({
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(alerts.map((alert) => postable(alert, nowMs))),
      }),
    })
    const isFailed = outcome.kind === 'failed'
    if (isFailed !== isDown)
      logger.warn(
        { url: target.url, answer: outcome.answer },
        isFailed ? 'alerts cannot be handed on' : 'alerts are handed on again',
      )
    isDown = isFailed
    return !isFailed
  }

  const sendUnsent = async (): Promise<void> => {
    let unsent = [...known.values()].filter(({ isSent }) => !isSent)
    while (unsent.length > 0 && !isStopped) {
      const batch = unsent.slice(0, MAX_PER_REQUEST)
      for (const one of batch) one.isSent = true
      const isTaken = await post(batch.map(({ alert }) => alert))
      // All of it again at the next round.
      if (!isTaken) {
        for (const one of batch) one.isSent = false
        return
      }
      unsent = [...known.values()].filter(({ isSent }) => !isSent)
    }
  }
  const pump = (): void => {
    if (isStopped) return
    underway ??= sendUnsent().finally(() => {
      underway = null
    })
  }
  const sendAllAgain = (): void => {
    const nowMs = ports.clock.now()
    for (const [fingerprint, one] of known) {
      const { endsAtMs, updatedAtMs } = one.alert
      const isOld =
        endsAtMs === null ? updatedAtMs < nowMs - VALID_MS : endsAtMs < nowMs - RESEND_RESOLVED_MS
      if (isOld) known.delete(fingerprint)
      else one.isSent = false
    }
    pump()
  }
  const cancel: Cancel = timers.every(RESEND_MS, sendAllAgain)

  return {
    forward(alerts) {
      const nowMs = ports.clock.now()
      for (const alert of alerts) {
        const before = known.get(alert.fingerprint)?.alert
        const isNews = before === undefined || isFiring(before, nowMs) !== isFiring(alert, nowMs)
        const isSent = !isNews && known.get(alert.fingerprint)?.isSent === true
        known.set(alert.fingerprint, { alert, isSent })
      }
      pump()
    },
    async stop() {
      isStopped = true
      cancel()
      await underway
    },
  }
}

function postable(alert: Alert, nowMs: number): object {
  return {
    labels: alert.labels,
    annotations: alert.annotations,
    startsAt: new Date(alert.startsAtMs).toISOString(),
    endsAt: new Date(alert.endsAtMs ?? nowMs + VALID_MS).toISOString(),
    generatorURL: alert.generatorUrl,
  }
}
