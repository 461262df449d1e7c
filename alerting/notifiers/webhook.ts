import { createHmac } from 'node:crypto'
import type { SecretReference, WebhookIntegration } from '../config/config.ts'
import type { Notification, NotifiedAlert } from '../delivery/notification.ts'
import type { Notifier, Outcome } from '../delivery/notifier.ts'
import type { Ticket } from '../tickets/ticket.ts'
import type { HttpPorts } from './http-delivery.ts'
import { deliverByHttp, describeAddress } from './http-delivery.ts'
import type { SecretSource } from './secret-source.ts'
import { endOf } from './template-data.ts'

/** Alertmanager's webhook, version 4 of its body, signed. */
export function createWebhookNotifier(ports: HttpPorts, webhook: WebhookIntegration): Notifier {
  return {
    to: describeAddress(webhook.url),
    send: (notification) =>
      postSigned(ports, webhook, notification.id, webhookBody(notification, webhook.maxAlerts)),
  }
}

/** Tells of a ticket as it is now. */
export function createTicketSender(
  ports: HttpPorts,
  webhook: WebhookIntegration,
): (ticket: Ticket) => Promise<Outcome> {
  return ({ mirroredRevision: _, ...ticket }) =>
    postSigned(
      ports,
      webhook,
      `${ticket.id}.${ticket.revision}`,
      JSON.stringify({ version: '1', kind: 'ticket', ticket }),
    )
}

function postSigned(
  ports: HttpPorts,
  { url, http, timeoutMs, signingSecret }: WebhookIntegration,
  id: string,
  body: string,
): Promise<Outcome> {
  return deliverByHttp(ports, {
    ...{ url, http, timeoutMs },
    compose: async (secret) => ({
      headers: {
        'content-type': 'application/json',
        'x-glasslog-delivery': id,
        ...(await signature(signingSecret, secret, body, ports.clock.now())),
      },
      body,
    }),
  })
}

/** The time is signed with the body, so that nobody can send an old one again. */
async function signature(
  reference: SecretReference | null,
  secret: SecretSource['read'],
  body: string,
  nowMs: number,
): Promise<Record<string, string>> {
  const timestamp = String(Math.floor(nowMs / 1000))
  if (reference === null) return { 'x-glasslog-timestamp': timestamp }
  const hmac = createHmac('sha256', await secret(reference)).update(`${timestamp}.${body}`)
  return {
    'x-glasslog-timestamp': timestamp,
    'x-glasslog-signature': `v1=${hmac.digest('hex')}`,
  }
}

export function webhookBody(notification: Notification, maxAlerts: number): string {
  const { alerts } = notification
  const shown = maxAlerts > 0 ? alerts.slice(0, maxAlerts) : alerts
  return JSON.stringify({
    version: '4',
    groupKey: notification.groupKey,
    truncatedAlerts: alerts.length - shown.length,
    status: notification.status,
    receiver: notification.receiver,
    groupLabels: notification.groupLabels,
    commonLabels: notification.commonLabels,
    commonAnnotations: notification.commonAnnotations,
    externalURL: notification.externalUrl,
    notificationReason: notification.reason,
    alerts: shown.map(alertBody),
  })
}

function alertBody(alert: NotifiedAlert): object {
  return {
    status: alert.status,
    labels: alert.labels,
    annotations: alert.annotations,
    startsAt: new Date(alert.startsAtMs).toISOString(),
    endsAt: endOf(alert),
    generatorURL: alert.generatorUrl,
    fingerprint: alert.fingerprint,
  }
}
