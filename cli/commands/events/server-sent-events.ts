import { CommandFailure, EXIT } from '../../exit-codes.ts'

/** One message of a stream of server-sent events, as the HTML standard reads it. */
export interface ServerSentEvent {
  /** Where to go on after it; null when the stream has not said yet. */
  readonly lastId: string | null
  readonly type: string
  /** Null where a message only tells where the stream is. */
  readonly data: string | null
  /** How long to wait before coming back; null when the stream has not said. */
  readonly retryMs: number | null
}

/** Longest message that is put together; those of ours are a few hundred bytes. */
const MAX_MESSAGE_LENGTH = 1024 * 1024

/** Reads the messages of a stream. Throws a CommandFailure for one that does not end. */
export async function* serverSentEvents(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder()
  let waiting = ''
  let lastId: string | null = null
  let retryMs: number | null = null
  for await (const chunk of chunks) {
    waiting = (waiting + decoder.decode(chunk, { stream: true })).replaceAll('\r\n', '\n')
    const messages = waiting.split('\n\n')
    waiting = messages.pop() ?? ''
    if (waiting.length > MAX_MESSAGE_LENGTH) {
      throw new CommandFailure('what answers sends no events', EXIT.failed)
    }
    for (const text of messages) {
      const fields = fieldsOf(text)
      lastId = fields.get('id') ?? lastId
      const retry = fields.get('retry')
      if (retry !== undefined && /^\d{1,9}$/.test(retry)) retryMs = Number(retry)
      const type = fields.get('event') ?? 'message'
      yield { lastId, type, data: fields.get('data') ?? null, retryMs }
    }
  }
}

/** Fields by their names; lines of data are one text. Comments, which begin with a colon, have no name. */
function fieldsOf(message: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (const line of message.split('\n')) {
    const [name = '', ...rest] = line.split(':')
    if (name === '') continue
    const value = rest.join(':').replace(/^ /, '')
    const before = name === 'data' ? fields.get(name) : undefined
    fields.set(name, before === undefined ? value : `${before}\n${value}`)
  }
  return fields
}
