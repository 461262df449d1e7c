import { StringDecoder } from 'node:string_decoder'

export interface HttpAnswer {
  readonly status: number
  readonly contentType: string | null
  /**
   * The page in pieces that end anywhere, as they come; none unless the status is 200. Rejects with a sentence when it takes too
   * long or is too big. To be read once; leaving it early closes the connection.
   */
  readonly body: AsyncIterable<string>
}

export interface HttpGetOptions {
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly maxBodyBytes: number
}

/** Asks for a page; rejects with a sentence when that takes too long, or there is nobody. */
export type HttpGet = (url: string, options: HttpGetOptions) => Promise<HttpAnswer>

export const httpGet: HttpGet = async (url, { headers, timeoutMs, maxBodyBytes }) => {
  const signal = AbortSignal.timeout(timeoutMs)
  const faultOf = (error: unknown): Error =>
    new Error(signal.aborted ? `no whole answer within ${timeoutMs} ms` : sentenceOf(error), {
      cause: error,
    })
  try {
    const response = await fetch(url, { headers: { ...headers }, signal, redirect: 'error' })
    const { status } = response
    if (status !== 200) await response.body?.cancel()
    const pieces = status === 200 ? response.body : null
    const body = readBody(pieces ?? [], maxBodyBytes, faultOf)
    return { status, contentType: response.headers.get('content-type'), body }
  } catch (error) {
    throw faultOf(error)
  }
}

/** The body of an answer that is there already. */
export async function* inOnePiece(text: string): AsyncGenerator<string> {
  yield text
}

async function* readBody(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes: number,
  faultOf: (error: unknown) => Error,
): AsyncGenerator<string> {
  // Its strings take a byte a character, unlike those of TextDecoder.
  const decoder = new StringDecoder('utf8')
  let size = 0
  try {
    for await (const piece of pieces) {
      size += piece.length
      // Leaving the loop cancels the stream, and with it the connection.
      if (size > maxBytes) throw new Error(`more than ${maxBytes} bytes`)
      yield decoder.write(piece)
    }
  } catch (error) {
    throw faultOf(error)
  }
  yield decoder.end()
}

/** `fetch` says only "fetch failed"; what happened is in the cause. */
function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}
