import { createHash } from 'node:crypto'
import { abbreviate } from '../../kit/index.ts'
import type { PagerdutyIntegration } from '../config/config.ts'
import type { Notification } from '../delivery/notification.ts'
import type { Notifier } from '../delivery/notifier.ts'
import type { HttpPorts } from './http-delivery.ts'
import { deliverByHttp, describeAddress } from './http-delivery.ts'
import { headlineOf, oneLine, summaryOf } from './plain-text.ts'
import type { RenderTemplate } from './template-data.ts'
import { renderOr } from './template-data.ts'

/** Events API v2: https://developer.pagerduty.com/docs/events-api-v2/trigger-events/ */
const MAX_SUMMARY_LENGTH = 1_024
const MAX_LISTED = 50
const SEVERITIES = ['critical', 'error', 'warning', 'info']

export function createPagerdutyNotifier(
  ports: HttpPorts,
  pagerduty: PagerdutyIntegration,
  render: RenderTemplate,
): Notifier {
  const { url, http, timeoutMs } = pagerduty
  const post = (notification: Notification, action: 'trigger' | 'resolve') =>
    deliverByHttp(ports, {
      ...{ url, http, timeoutMs },
      compose: async (secret) => ({
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          routing_key: await secret(pagerduty.routingKey),
          event_action: action,
          dedup_key: dedupKeyOf(notification),
          client: 'Glasslog',
          client_url: notification.externalUrl,
          payload: payloadOf(pagerduty, notification, render),
        }),
      }),
    })
  return {
    to: describeAddress(url),
    async send(notification) {
      if (notification.status === 'firing') return post(notification, 'trigger')
      // An incident that ended before PagerDuty ever heard of it cannot be resolved there unseen.
      const isUnheard = notification.sequence === 0
      const trigger = isUnheard ? await post(notification, 'trigger') : null
      return trigger?.kind === 'failed' ? trigger : post(notification, 'resolve')
    },
  }
}

/** One incident there for one incident here, however often it is told of. */
function dedupKeyOf({ groupKey, thread }: Notification): string {
  return createHash('sha256').update(`${groupKey}\n${thread}`).digest('hex')
}

function payloadOf(
  pagerduty: PagerdutyIntegration,
  notification: Notification,
  render: RenderTemplate,
) {
  const optional = (name: 'component' | 'group' | 'class') => {
    const template = pagerduty[name]
    return template === null ? {} : { [name]: renderOr(render, template, notification, () => '') }
  }
  const summary = renderOr(render, pagerduty.description, notification, (note) => {
    return headlineOf(notification) + note
  })
  const severity = renderOr(
    render,
    pagerduty.severity,
    notification,
    () => notification.severity?.pagerduty ?? 'error',
  )
  return {
    summary: abbreviate(summary, MAX_SUMMARY_LENGTH - 1),
    source: notification.commonLabels.instance ?? notification.externalUrl,
    severity: SEVERITIES.includes(severity) ? severity : 'error',
    timestamp: new Date(notification.alerts[0]?.startsAtMs ?? notification.nowMs).toISOString(),
    ...optional('component'),
    ...optional('group'),
    ...optional('class'),
    custom_details: {
      reason: notification.reason,
      ...notification.commonLabels,
      ...notification.commonAnnotations,
      alerts: notification.alerts
        .slice(0, MAX_LISTED)
        .map((alert) => `${alert.status}: ${oneLine(summaryOf(alert))}`),
      num_alerts: notification.alerts.length,
    },
  }
}
