import { abbreviate } from '../../kit/index.ts'
import type { Handed, HistoryPort, PlacedOperation } from './operation.ts'
import { HistoryRejection } from './operation.ts'

/** Where the broker's admin API is, and the token by which it lets the monitor in. */
interface BrokerAddress {
  readonly url: string
  readonly token: string
}

const TIMEOUT_MS = 10_000
const MAX_SHOWN = 500
const NOT_UNDERSTOOD: ReadonlySet<number> = new Set([400, 413, 422])

interface Answer {
  readonly results: readonly {
    readonly position: number
    readonly status: 'recorded' | 'known' | 'refused'
    readonly seq: number | null
    readonly message: string | null
  }[]
}

/** The history of the broker that `findBroker` finds, over its admin API: `POST /v1/monitor/operations`. */
export function createBrokerHistory(findBroker: () => Promise<BrokerAddress | null>): HistoryPort {
  return {
    async hand(outbox, operations) {
      const broker = await findBroker()
      if (broker === null) throw new Error('there is no broker')
      const answer = await fetch(`${broker.url}/v1/monitor/operations`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${broker.token}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ outbox, operations: operations.map(asAsked) }),
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      if (NOT_UNDERSTOOD.has(answer.status)) throw new HistoryRejection(await reasonOf(answer))
      if (!answer.ok) throw new Error(await reasonOf(answer))
      const { results } = (await answer.json()) as Answer
      return new Map(results.map((result) => [result.position, handedOf(result)]))
    },
  }
}

async function reasonOf(answer: Response): Promise<string> {
  return `HTTP ${answer.status}: ${abbreviate(await answer.text(), MAX_SHOWN)}`
}

function asAsked(placed: PlacedOperation): object {
  const { position, operation, resource, occurredAtMs, onBehalfOf, before, after } = placed
  const { reason, causes } = placed
  return {
    ...{ position, operation, resource, before, after },
    occurredAt: new Date(occurredAtMs).toISOString(),
    ...(onBehalfOf === null ? {} : { onBehalfOf }),
    ...(reason === undefined ? {} : { reason }),
    ...(causes === undefined ? {} : { causes }),
  }
}

function handedOf({ status, seq, message }: Answer['results'][number]): Handed {
  return status === 'refused'
    ? { kind: 'refused', message: message ?? '' }
    : { kind: 'recorded', seq }
}
