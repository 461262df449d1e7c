import { bigInt64, int32 } from '../integers.ts'

const PRODUCER_ID_AT = 43
const TWO_32 = 0x1_0000_0000

/**
 * A producer id as a map key. Ids are handed out from 0 up, so nearly all are numbers; a client may
 * send any int64, and those beyond 2^53 stay bigint so that no two collide.
 */
export type ProducerKey = number | bigint

/** The key of the producer of the batch at `at`. */
export function producerKeyOf(bytes: Uint8Array, at: number): ProducerKey {
  const high = int32(bytes, at + PRODUCER_ID_AT)
  if (high < 0 || high >= 0x20_0000) return bigInt64(bytes, at + PRODUCER_ID_AT)
  return high * TWO_32 + (int32(bytes, at + PRODUCER_ID_AT + 4) >>> 0)
}

export function toProducerKey(id: bigint): ProducerKey {
  return id >= 0n && id <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(id) : id
}
