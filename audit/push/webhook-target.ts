import type { Timers } from '../../kit/index.ts'
import type { EventFormat } from '../events/format-event.ts'
import { formatEvent } from '../events/format-event.ts'
import type { PushTarget } from './event-pusher.ts'

export interface WebhookOptions {
  readonly url: string
  readonly format: EventFormat
  readonly origin: string
  /** Value of the Authorization header; null sends none. */
  readonly authorization: string | null
  readonly timers: Timers
}

const TIMEOUT_MS = 30_000

/** CloudEvents have a media type for batches; OCSF has none of its own. */
const MEDIA_TYPES: Readonly<Record<EventFormat, string>> = {
  cloudevents: 'application/cloudevents-batch+json',
  ocsf: 'application/json',
}

/** Posts batches of events as a JSON array. Taken means an answer of 2xx. */
export function webhookTarget(options: WebhookOptions): PushTarget {
  const { url, format, origin, authorization, timers } = options
  const headers = {
    'content-type': MEDIA_TYPES[format],
    ...(authorization === null ? {} : { authorization }),
  }
  const stopped = new AbortController()
  return {
    name: new URL(url).origin,
    async send(records) {
      const body = `[${records.map((record) => formatEvent(format, record, origin)).join(',')}]`
      const late = new AbortController()
      const cancel = timers.after(TIMEOUT_MS, () => late.abort())
      try {
        const signal = AbortSignal.any([late.signal, stopped.signal])
        // A redirect could send the records, and the credentials, somewhere else.
        const response = await fetch(url, {
          method: 'POST',
          headers,
          body,
          signal,
          redirect: 'manual',
        })
        await response.body?.cancel()
        if (!response.ok) throw new Error(`the webhook answered ${response.status}`)
      } finally {
        cancel()
      }
    },
    async close() {
      stopped.abort()
    },
  }
}
