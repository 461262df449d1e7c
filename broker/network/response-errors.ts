/** Parts of a response that are looked at; what a larger one says beyond is not counted. */
const MAX_PARTS = 2_000

/** Responses of Produce and Fetch, as far as errors are in them: their shape is known, and time matters. */
interface DataResponse {
  readonly errorCode?: number
  readonly responses: readonly {
    readonly partitionResponses?: readonly { readonly errorCode?: number }[]
    readonly partitions?: readonly { readonly errorCode?: number }[]
  }[]
}

/** How often each error code was in the answers of an API. The codes are a closed set. */
export class ResponseErrors {
  readonly byCode = new Map<number, number>()

  /** Counts what a response of Produce or Fetch says. */
  countData(response: unknown): void {
    const { errorCode, responses } = response as DataResponse
    if (errorCode) this.#note(errorCode)
    for (const { partitionResponses, partitions } of responses) {
      for (const partition of partitionResponses ?? partitions ?? []) {
        if (partition.errorCode) this.#note(partition.errorCode)
      }
    }
  }

  /** Counts every `errorCode` of any response. */
  countAny(response: unknown): void {
    const parts: unknown[] = [response]
    for (let seen = 0; seen < MAX_PARTS && seen < parts.length; seen++) {
      const part = parts[seen]
      if (Array.isArray(part)) {
        for (let n = 0; n < part.length && parts.length < MAX_PARTS; n++) parts.push(part[n])
      } else if (typeof part === 'object' && part !== null && !(part instanceof Uint8Array)) {
        for (const [key, value] of Object.entries(part)) {
          if (key === 'errorCode' && typeof value === 'number' && value !== 0) this.#note(value)
          else if (typeof value === 'object' && value !== null) parts.push(value)
        }
      }
    }
  }

  #note(code: number): void {
    this.byCode.set(code, (this.byCode.get(code) ?? 0) + 1)
  }
}
