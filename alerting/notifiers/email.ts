import { createTransport } from 'nodemailer'
import type { Disk } from '../../kit/index.ts'
import type { EmailIntegration } from '../config/config.ts'
import type { Notification, NotifiedAlert } from '../delivery/notification.ts'
import type { Notifier, Outcome } from '../delivery/notifier.ts'
import { htmlMail, textMail } from './email-body.ts'
import { messageOf, readCertificates } from './http-delivery.ts'
import { headlineOf, oneLine } from './plain-text.ts'
import { scrub } from './scrub.ts'
import type { SecretSource } from './secret-source.ts'
import type { RenderTemplate } from './template-data.ts'
import { renderOr } from './template-data.ts'

/** A picture of what an alert is about. */
export interface Chart {
  readonly bytes: Uint8Array
  /** What mail readers show: few of them draw SVG. */
  readonly contentType: 'image/png' | 'image/jpeg'
  /** What it shows, in words, for those who do not see it. */
  readonly description: string
}

/** Draws the series of an alert; null where there is nothing to draw. */
export type ChartOf = (alert: NotifiedAlert) => Promise<Chart | null>

export interface EmailPorts {
  readonly secrets: SecretSource
  readonly disk: Disk
  readonly render: RenderTemplate
  readonly chartOf: ChartOf
}

const SMTPS_PORT = 465
/** Each step of the protocol has the time-out; all of it together that many. */
const DEADLINE_FACTOR = 4
/** What the server has for closing its side once ours is closed; then the socket is destroyed. */
const CLOSE_GRACE_MS = 500
const MAX_CHARTS = 3
const MAX_CHART_BYTES = 512 * 1024

interface Picture extends Chart {
  readonly cid: string
}

/** Mail over SMTP: text and HTML, one thread for each incident, charts within. */
export function createEmailNotifier(ports: EmailPorts, email: EmailIntegration): Notifier {
  return {
    to: email.toSecret === null ? email.to.join(', ') : `addresses in $${email.toSecret}`,
    async send(notification) {
      const used = email.toSecret === null ? [] : email.to.flatMap(partsOfAddress)
      try {
        const limitMs = DEADLINE_FACTOR * email.timeoutMs
        const signal = AbortSignal.timeout(limitMs)
        const sent = sendMail(ports, email, notification, used, signal)
        const answer = await within(limitMs, signal, sent)
        return { kind: 'delivered', answer: scrub(answer, used) }
      } catch (error) {
        return failure(error, used)
      }
    },
  }
}

/** As servers repeat it: with or without the name, and the mailbox alone. */
function partsOfAddress(recipient: string): string[] {
  const address = /<([^<>]+)>$/.exec(recipient)?.[1] ?? recipient
  return [recipient, address, address.slice(0, address.lastIndexOf('@'))]
}

/** A server that sends a byte now and then would never be silent for long enough; files and charts may hang too. */
function within<T>(limitMs: number, signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new Error(`not taken within ${limitMs} ms`))
    signal.addEventListener('abort', giveUp, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
}

async function sendMail(
  ports: EmailPorts,
  email: EmailIntegration,
  notification: Notification,
  used: string[],
  signal: AbortSignal,
): Promise<string> {
  const transport = await connect(ports, email, used)
  try {
    const pictures = await chartsFor(notification, ports.chartOf)
    const mail = mailOf(ports.render, email, notification, pictures)
    // The signal closes the connection: to stop waiting for it alone would leave it to the server for how long it lasts.
    const { response, rejected } = await transport.sendMail({ ...mail, signal })
    // Others have it: to try again would bring it to them twice.
    return rejected.length === 0 ? response : `${response}; refused for ${rejected.join(', ')}`
  } finally {
    transport.close()
  }
}

async function connect({ secrets, disk }: EmailPorts, email: EmailIntegration, used: string[]) {
  const { smarthost, auth, tls, timeoutMs } = email
  const password = auth && (await secrets.read(auth.password))
  if (password !== null) used.push(password)
  const ca = tls.caFile === null ? null : await readCertificates(disk, tls.caFile)
  return createTransport({
    host: smarthost.host,
    port: smarthost.port,
    secure: smarthost.port === SMTPS_PORT,
    requireTLS: email.requireTls && smarthost.port !== SMTPS_PORT,
    ...(email.hello === null ? {} : { name: email.hello }),
    ...(auth && password !== null ? { auth: { user: auth.username, pass: password } } : {}),
    tls: {
      rejectUnauthorized: tls.verify,
      ...(tls.serverName === null ? {} : { servername: tls.serverName }),
      ...(ca === null ? {} : { ca }),
    },
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    socketCloseTimeout: CLOSE_GRACE_MS,
    // What an alert says must never name a file or an address to be sent along.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
}

function mailOf(
  render: RenderTemplate,
  email: EmailIntegration,
  notification: Notification,
  pictures: ReadonlyMap<string, Picture>,
) {
  const rendered = (template: string, builtIn: (note: string) => string) =>
    renderOr(render, template, notification, builtIn)
  const { Subject: subject, ...headers } = email.headers
  const headline = (note: string) => headlineOf(notification) + note
  const text = email.text
  const html = email.html
  return {
    from: email.from,
    to: [...email.to],
    subject: oneLine(subject === undefined ? headline('') : rendered(subject, headline)),
    text:
      text === null
        ? textMail(notification, '')
        : rendered(text, (note) => textMail(notification, note)),
    html:
      html === null
        ? htmlMail(notification, pictures, '')
        : rendered(html, (note) => htmlMail(notification, pictures, note)),
    date: new Date(notification.nowMs),
    ...threadOf(email, notification),
    headers: {
      'Auto-Submitted': 'auto-generated',
      'X-Glasslog-Delivery': notification.id,
      ...Object.fromEntries(
        Object.entries(headers).map(([name, template]) => [
          name,
          oneLine(rendered(template, (note) => note)),
        ]),
      ),
    },
    ...(notification.severity?.isUrgent && notification.status === 'firing'
      ? { priority: 'high' as const }
      : {}),
    attachments: [...pictures.values()].map(({ cid, bytes, contentType }) => ({
      cid,
      content: Buffer.from(bytes),
      contentType,
      contentDisposition: 'inline' as const,
      filename: `${cid.split('@', 1)[0]}.${contentType.slice('image/'.length)}`,
    })),
  }
}

/** RFC 5322, 3.6.4. All mails of an incident refer to one root, so they stay together even where one was lost. */
function threadOf(email: EmailIntegration, { id, thread, sequence }: Notification) {
  const domain = /@([^\s>]+)>?$/.exec(email.from)?.[1] ?? 'glasslog.invalid'
  const root = `<${thread}@${domain}>`
  if (sequence === 0) return { messageId: root }
  return { messageId: `<${id}.${thread}@${domain}>`, inReplyTo: root, references: [root] }
}

/** By fingerprint. A chart that cannot be drawn is left out: the news matter more. */
async function chartsFor(
  { alerts }: Notification,
  chartOf: ChartOf,
): Promise<ReadonlyMap<string, Picture>> {
  const drawn = await Promise.all(
    alerts.slice(0, MAX_CHARTS).map(async (alert) => {
      const chart = await chartOf(alert).catch(() => null)
      if (chart === null || chart.bytes.length > MAX_CHART_BYTES) return null
      const cid = `chart-${alert.fingerprint}@glasslog`
      return [alert.fingerprint, { ...chart, cid }] as const
    }),
  )
  return new Map(drawn.filter((one) => one !== null))
}

/** Codes of 500 and above are for ever by RFC 5321, 4.2.1; those about logins are the operator's to mend. */
function failure(error: unknown, used: readonly string[]): Outcome {
  const { responseCode } = error as { readonly responseCode?: number }
  const isRefused = responseCode !== undefined && responseCode >= 550 && responseCode <= 554
  return { kind: 'failed', answer: scrub(messageOf(error), used), isRefused, retryAfterMs: null }
}
