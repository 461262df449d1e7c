import type { Alert } from '../alerts/alert.ts'
import { normalizeAlert } from '../alerts/alert.ts'
import { ALERT_NAME } from '../alerts/label-set.ts'
import type { Severity } from '../config/config.ts'
import { createNotification } from '../delivery/notification.ts'
import type { Notifier } from '../delivery/notifier.ts'
import type { Delivery } from '../state/delivery-log.ts'

export interface ContactTest {
  readonly receiver: string
  readonly integration: string
  readonly notifier: Notifier | undefined
  /** Who wants to know. */
  readonly by: string
  readonly id: string
  readonly severities: readonly Severity[]
  readonly externalUrl: string
  readonly nowMs: number
}

/** Sends a notification that says it is a test, once. */
export async function sendTest(test: ContactTest): Promise<Delivery> {
  const { receiver, integration, notifier, id, nowMs } = test
  const notification = createNotification({
    groupKey: `test:${id}`,
    groupLabels: { [ALERT_NAME]: TEST_ALERT },
    thread: id,
    sequence: 0,
    receiver,
    channel: integration,
    reason: 'test',
    firing: [testAlert(receiver, test.by, nowMs)],
    resolved: [],
    severities: test.severities,
    externalUrl: test.externalUrl,
    nowMs,
  })
  const outcome = await notifier?.send(notification)
  return {
    id,
    receiver,
    integration,
    to: notifier?.to ?? '',
    groupKey: notification.groupKey,
    groupLabels: notification.groupLabels,
    status: 'firing',
    reason: 'test',
    firingCount: 1,
    resolvedCount: 0,
    createdAtMs: nowMs,
    attemptedAtMs: nowMs,
    attempts: 1,
    outcome: outcome?.kind === 'delivered' ? 'delivered' : 'gave-up',
    answer: outcome?.answer ?? '',
  }
}

const TEST_ALERT = 'GlasslogTest'

function testAlert(receiver: string, by: string, nowMs: number): Alert {
  return normalizeAlert(
    {
      labels: { [ALERT_NAME]: TEST_ALERT, severity: 'info', receiver },
      annotations: {
        summary: 'This is a test',
        description: `${by} asked whether notifications for ${receiver} arrive. There is nothing to do.`,
      },
      startsAtMs: nowMs,
      endsAtMs: null,
      generatorUrl: '',
    },
    nowMs,
  )
}
