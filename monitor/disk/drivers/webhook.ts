import { createHmac } from 'node:crypto'
import type { Clock } from '../../../kit/index.ts'
import { abbreviate } from '../../../kit/index.ts'
import type { ExpansionDriver } from './driver.ts'

export interface WebhookSettings {
  readonly url: string
  /** Signs what is sent. */
  readonly secret: string
  /** Name of this broker, for who serves several. */
  readonly instance: string
}

const TIMEOUT_MS = 30_000
const MAX_SHOWN = 300
/** These say nothing about what was asked. */
const TRY_AGAIN: ReadonlySet<number> = new Set([408, 425, 429])

/**
 * Asks whoever runs the machine for a larger volume: a POST of JSON with `id`, `instance`, `directory`,
 * `currentBytes`, `wantedBytes`, `usedBytes` and `reason`. Signed as webhooks of alerts are:
 * `X-Glasslog-Signature: v1=<hex HMAC-SHA256 of timestamp.body>`. Any 2xx takes it on. The same `id` may come
 * again, and asks for the same.
 */
export function createWebhookDriver(
  { url, secret, instance }: WebhookSettings,
  directory: string,
  clock: Clock,
): ExpansionDriver {
  return {
    name: 'webhook',
    scales: 'volume',
    async bounds({ volumeBytes }) {
      return { scaledBytes: volumeBytes, largestBytes: null }
    },
    async expand({ id, step, reason }, { usedBytes }) {
      const body = JSON.stringify({
        ...{ version: '1', kind: 'disk-expansion', id, instance, directory },
        ...{ currentBytes: step.from, wantedBytes: step.to, usedBytes, reason },
      })
      const timestamp = String(Math.floor(clock.now() / 1000))
      const hmac = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')
      const answer = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'user-agent': 'Glasslog',
          'x-glasslog-delivery': id,
          'x-glasslog-timestamp': timestamp,
          'x-glasslog-signature': `v1=${hmac}`,
        },
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      const detail = `HTTP ${answer.status}${await beginningOf(answer)}`
      if (answer.ok) return { kind: 'asked', detail }
      if (answer.status >= 500 || TRY_AGAIN.has(answer.status)) throw new Error(detail)
      return { kind: 'refused', detail }
    },
  }
}

/** No more of an answer than is shown is kept in memory. */
async function beginningOf({ body }: Response): Promise<string> {
  if (body === null) return ''
  let text = ''
  const decoder = new TextDecoder()
  for await (const piece of body) {
    text += decoder.decode(piece, { stream: true })
    if (text.length > MAX_SHOWN) break
  }
  const shown = abbreviate(text.replaceAll(/\s+/g, ' ').trim(), MAX_SHOWN)
  return shown === '' ? '' : `: ${shown}`
}
