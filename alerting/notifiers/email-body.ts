import type { Notification, NotifiedAlert } from '../delivery/notification.ts'
import { headlineOf, linkTo, oneLine, summaryOf } from './plain-text.ts'
import { endOf } from './template-data.ts'

/** A picture that goes with the mail. */
export interface MailPicture {
  readonly cid: string
  readonly description: string
}

/** A longer list is no help to anybody; the console has all of it. */
const MAX_SHOWN = 50
const RESOLVED_COLOR = '#2e7d4f'
const UNKNOWN_COLOR = '#5a5a5a'

/** The mail as plain text. `note` tells of a template that failed. */
export function textMail(notification: Notification, note: string): string {
  const { alerts } = notification
  const shown = alerts.slice(0, MAX_SHOWN)
  return [
    headlineOf(notification) + note,
    '',
    ...shown.flatMap((alert) => [...textOfAlert(notification, alert), '']),
    ...(alerts.length > shown.length ? [`and ${alerts.length - shown.length} more`, ''] : []),
    `All alerts: ${notification.externalUrl}/alerts`,
    `Told to ${notification.receiver}, because: ${reasonInWords(notification)}`,
  ].join('\n')
}

function textOfAlert(notification: Notification, alert: NotifiedAlert): string[] {
  const { summary: _, ...annotations } = alert.annotations
  return [
    `${alert.status.toUpperCase()}: ${oneLine(summaryOf(alert))}`,
    `  since ${new Date(alert.startsAtMs).toISOString()}${alert.status === 'resolved' ? `, until ${endOf(alert)}` : ''}`,
    ...pairs(alert.labels).map(([name, value]) => `  ${name} = ${oneLine(value)}`),
    ...pairs(annotations).map(([name, value]) => `  ${name}: ${value.replaceAll('\n', '\n    ')}`),
    `  ${linkTo(notification, alert)}`,
    ...(alert.generatorUrl === '' ? [] : [`  rule: ${alert.generatorUrl}`]),
  ]
}

/** The mail as HTML. Everything that an alert says is escaped; `pictures` are there by fingerprint. */
export function htmlMail(
  notification: Notification,
  pictures: ReadonlyMap<string, MailPicture>,
  note: string,
): string {
  const { alerts, severity, status } = notification
  const shown = alerts.slice(0, MAX_SHOWN)
  const color = status === 'resolved' ? RESOLVED_COLOR : (severity?.color ?? UNKNOWN_COLOR)
  const more = alerts.length - shown.length
  return [
    '<!doctype html><html><head><meta charset="utf-8"></head>',
    '<body style="margin:0;font:14px/1.5 system-ui,sans-serif;color:#1c1c1c">',
    `<div style="background:${color};color:#fff;padding:12px 16px;font-size:16px;font-weight:600">${escapeHtml(headlineOf(notification))}</div>`,
    note === '' ? '' : `<p style="padding:0 16px">${escapeHtml(note)}</p>`,
    ...shown.map((alert) => htmlOfAlert(notification, alert, pictures.get(alert.fingerprint))),
    more > 0 ? `<p style="padding:0 16px">and ${more} more</p>` : '',
    `<p style="padding:0 16px"><a href="${escapeHtml(`${notification.externalUrl}/alerts`)}">All alerts</a></p>`,
    `<p style="padding:0 16px;color:#5a5a5a;font-size:12px">Told to ${escapeHtml(notification.receiver)}, because: ${reasonInWords(notification)}</p>`,
    '</body></html>',
  ].join('\n')
}

function htmlOfAlert(
  notification: Notification,
  alert: NotifiedAlert,
  picture: MailPicture | undefined,
): string {
  const { summary: _, ...annotations } = alert.annotations
  const end = alert.status === 'resolved' ? `, until ${endOf(alert)}` : ''
  const rule = URL.canParse(alert.generatorUrl) && /^https?:/.test(alert.generatorUrl)
  const cell = 'padding:1px 12px 1px 0;vertical-align:top'
  const rows = [...pairs(alert.labels), ...pairs(annotations)].map(
    ([name, value]) =>
      `<tr><td style="${cell};color:#5a5a5a">${escapeHtml(name)}</td><td style="${cell};white-space:pre-wrap">${linked(value)}</td></tr>`,
  )
  return [
    '<div style="padding:8px 16px;border-bottom:1px solid #e2e2e2">',
    `<div style="font-weight:600">${escapeHtml(alert.status)}: <a href="${escapeHtml(linkTo(notification, alert))}">${escapeHtml(summaryOf(alert))}</a></div>`,
    `<div style="color:#5a5a5a">since ${new Date(alert.startsAtMs).toISOString()}${end}</div>`,
    picture === undefined
      ? ''
      : `<img src="cid:${picture.cid}" alt="${escapeHtml(picture.description)}" width="600" style="max-width:100%;height:auto;margin:8px 0;background:#fff">`,
    `<table style="border-collapse:collapse">${rows.join('')}</table>`,
    rule ? `<a href="${escapeHtml(alert.generatorUrl)}">rule</a>` : '',
    '</div>',
  ].join('\n')
}

function reasonInWords({ reason }: Notification): string {
  switch (reason) {
    case 'first':
      return 'it started'
    case 'new-alerts':
      return 'more of it started'
    case 'resolved':
      return 'some or all of it is over'
    case 'repeat':
      return 'it still goes on'
    case 'escalation':
      return 'nobody has acknowledged it in time'
    case 'test':
      return 'somebody asked for a test'
  }
}

function pairs(record: Readonly<Record<string, string>>): [name: string, value: string][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))
}

/** An annotation that is an address, such as that of a runbook, can be followed. */
function linked(value: string): string {
  const isLink = /^https?:\/\/\S+$/.test(value) && URL.canParse(value)
  const text = escapeHtml(value)
  return isLink ? `<a href="${text}">${text}</a>` : text
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}
