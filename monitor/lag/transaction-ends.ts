import type { AdminClient } from '../cluster/index.ts'

/** Offsets before the end of a log that are looked into: each transaction has one marker in each of its partitions. */
export const MAX_MARKERS = 10

interface BrowsedPage {
  readonly records: readonly { readonly kind: string }[]
  readonly next: string | null
}

/**
 * Whether from an offset to the end of a partition there is nothing but ends of transactions, which no consumer is given
 * (KIP-98): one that commits the offset after its last record stays before them, and has read all there is. Null when the
 * broker does not say.
 * @throws BrokerUnreachableError
 */
export async function hasOnlyTransactionEnds(
  admin: Pick<AdminClient, 'look'>,
  topic: string,
  partition: number,
  fromOffset: number,
): Promise<boolean | null> {
  const query = new URLSearchParams({
    partition: String(partition),
    offset: String(fromOffset),
    limit: String(MAX_MARKERS),
  })
  const answer = await admin.look(`/v1/topics/${encodeURIComponent(topic)}/records?${query}`)
  if (answer.status !== 200) return null
  const { records, next } = answer.body as BrowsedPage
  if (records.some(({ kind }) => kind !== 'control')) return false
  return next === null ? true : null
}
