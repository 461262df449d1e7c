import { setTimeout as delay } from 'node:timers/promises'
import { streamAdmin } from '../../admin-client.ts'
import { EXIT } from '../../exit-codes.ts'
import { askedToStop } from '../../stop-signals.ts'
import { parseEvent, parseGap } from './event-answer.ts'
import type { EventFlags } from './event-flags.ts'
import { EVENT_FILTERS, findBroker, parseEventFlags } from './event-flags.ts'
import { EVENT_HEAD, renderEvent } from './event-row.ts'
import { follow } from './follow.ts'

/** The broker says something every 15 seconds; without it for so long, the connection leads nowhere. */
const SILENCE_MS = 45_000

const EVENT_STREAM = 'text/event-stream'

/** `glasslog events tail`: events as they come, until it is stopped. */
export async function tail(args: readonly string[]): Promise<number> {
  const asked = parseEventFlags(args, EVENT_FILTERS)
  const over = new AbortController()
  void askedToStop().then(() => over.abort())
  endWithReader(over)
  const messages = follow({
    open: (lastId) => openStream(asked, lastId, over.signal),
    // Being stopped meanwhile is no fault.
    wait: (ms) => delay(ms, undefined, { signal: over.signal }).catch(() => {}),
    isOver: () => over.signal.aborted,
    onLost: (reason) => console.error(`glasslog: ${reason}; trying again`),
  })
  let left = asked.limit ?? Infinity
  if (!asked.asJson) console.log(EVENT_HEAD)
  for await (const { type, data } of messages) {
    if (over.signal.aborted) break
    if (data === null) continue
    if (type === 'gap') {
      const { from, to } = parseGap(data)
      console.error(`glasslog: retention took events ${from} to ${to - 1} before they were read`)
      continue
    }
    const event = parseEvent(data)
    console.log(asked.asJson ? data : renderEvent(event))
    left--
    if (left === 0) break
  }
  over.abort()
  return EXIT.ok
}

/** `glasslog events tail | head` is over when head is. */
function endWithReader(over: AbortController): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    over.abort()
  })
}

/** The broker is looked for anew each time: after a restart it may have another address. */
async function* openStream(
  { flags, query }: EventFlags,
  lastId: string | null,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const admin = await findBroker(flags)
  const silence = new AbortController()
  const timer = setTimeout(() => silence.abort(new Error('it is silent')), SILENCE_MS)
  const headers = {
    accept: EVENT_STREAM,
    ...(lastId === null ? {} : { 'last-event-id': lastId }),
  }
  const asked = {
    headers,
    mediaType: EVENT_STREAM,
    signal: AbortSignal.any([signal, silence.signal]),
  }
  try {
    const path = `/v1/events?${new URLSearchParams(query)}`
    for await (const chunk of streamAdmin(admin, path, asked)) {
      timer.refresh()
      yield chunk
    }
  } finally {
    clearTimeout(timer)
  }
}
