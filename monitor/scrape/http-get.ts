export interface HttpAnswer {
  readonly status: number
  readonly contentType: string | null
  readonly body: string
}

export interface HttpGetOptions {
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly maxBodyBytes: number
}

/** Fetches a page whole; rejects with a sentence when that takes too long, the page is too big, or there is nobody. */
export type HttpGet = (url: string, options: HttpGetOptions) => Promise<HttpAnswer>

export const httpGet: HttpGet = async (url, { headers, timeoutMs, maxBodyBytes }) => {
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(url, { headers: { ...headers }, signal, redirect: 'error' })
    const body = await readBody(response, maxBodyBytes)
    return { status: response.status, contentType: response.headers.get('content-type'), body }
  } catch (error) {
    if (signal.aborted) throw new Error(`no whole answer within ${timeoutMs} ms`, { cause: error })
    throw new Error(sentenceOf(error), { cause: error })
  }
}

async function readBody(response: Response, maxBytes: number): Promise<string> {
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of response.body ?? []) {
    size += piece.length
    // Leaving the loop cancels the stream, and with it the connection.
    if (size > maxBytes) throw new Error(`more than ${maxBytes} bytes`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces, size).toString()
}

/** `fetch` says only "fetch failed"; what happened is in the cause. */
function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}
