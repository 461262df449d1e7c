import { abbreviate } from '../../kit/index.ts'
import type { SlackIntegration } from '../config/config.ts'
import type { Notification } from '../delivery/notification.ts'
import type { Notifier } from '../delivery/notifier.ts'
import type { HttpPorts } from './http-delivery.ts'
import { deliverByHttp, describeAddress } from './http-delivery.ts'
import { headlineOf, linkTo, oneLine, summaryOf } from './plain-text.ts'
import type { RenderTemplate } from './template-data.ts'
import { renderOr } from './template-data.ts'

const MAX_SHOWN = 10
const MAX_TEXT_LENGTH = 3_000
const RESOLVED_COLOR = '#2eb67d'
const UNKNOWN_COLOR = '#808080'

/** Slack's incoming webhooks, and what understands the same (Mattermost, Rocket.Chat, Discord's `/slack`). */
export function createSlackNotifier(
  ports: HttpPorts,
  slack: SlackIntegration,
  render: RenderTemplate,
): Notifier {
  const { url, http, timeoutMs } = slack
  return {
    to: `${slack.channel ?? 'default channel'} at ${describeAddress(url)}`,
    send: (notification) =>
      deliverByHttp(ports, {
        ...{ url, http, timeoutMs },
        compose: async () => ({
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(messageOf(slack, notification, render)),
        }),
      }),
  }
}

function messageOf(slack: SlackIntegration, notification: Notification, render: RenderTemplate) {
  const headline = headlineOf(notification)
  const title = renderOr(render, slack.title, notification, (note) => headline + note)
  const text = renderOr(render, slack.text, notification, (note) => listOf(notification) + note)
  return {
    ...(slack.channel === null ? {} : { channel: slack.channel }),
    ...(slack.username === null ? {} : { username: slack.username }),
    ...(slack.iconEmoji === null ? {} : { icon_emoji: slack.iconEmoji }),
    attachments: [
      {
        title: abbreviate(title, MAX_TEXT_LENGTH),
        title_link: `${notification.externalUrl}/alerts`,
        fallback: abbreviate(title, MAX_TEXT_LENGTH),
        text: abbreviate(text, MAX_TEXT_LENGTH),
        color:
          notification.status === 'resolved'
            ? RESOLVED_COLOR
            : (notification.severity?.color ?? UNKNOWN_COLOR),
        mrkdwn_in: ['text'],
        ts: Math.floor(notification.nowMs / 1000),
      },
    ],
  }
}

function listOf(notification: Notification): string {
  const lines = notification.alerts.slice(0, MAX_SHOWN).map((alert) => {
    const mark = alert.status === 'firing' ? '' : '[resolved] '
    return `• ${mark}<${linkTo(notification, alert)}|${escapeMarkup(oneLine(summaryOf(alert)))}>`
  })
  const more = notification.alerts.length - lines.length
  return [...lines, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n')
}

/** The three characters that Slack's markup gives a meaning to, and the bar of its links. */
function escapeMarkup(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('|', '¦')
}
