import { leaf } from './builders.ts'

// Scalars by meaning. A declaration that says `offset()` instead of "eight bytes" tells its reader
// what the field is, and the codec how the eight bytes become a value.

export const topicName = leaf('string')
export const groupId = leaf('string')
export const transactionalId = leaf('string')

/** Id of a broker; -1 for none. */
export const brokerId = leaf('int32')
/** Index of a partition in its topic. */
export const partitionIndex = leaf('int32')
/** Epoch of a partition's leadership (KIP-101); -1 for unknown. */
export const leaderEpoch = leaf('int32')
/** Code of the error table in errors.ts; 0 for none. */
export const errorCode = leaf('int16')
/** How long the client was or shall be held back, in milliseconds (KIP-219). */
export const throttleTimeMs = leaf('int32')

/** Position in a partition: a safe integer, usually with negative values of special meaning. */
export const offset = leaf('safeInt64')
/** A size or count that may pass 2^31, in bytes unless the field says otherwise. */
export const sizeBytes = leaf('safeInt64')
/** Milliseconds since 1970, or a negative value of special meaning. Far-off values are clamped. */
export const timestamp = leaf('clampedInt64')
/** A span of milliseconds in 64 bits. Far-off values, such as Long.MAX_VALUE, are clamped. */
export const durationMs = leaf('clampedInt64')

/** Id of an idempotent or transactional producer: an opaque bigint, -1n for none. */
export const producerId = leaf('int64')
export const producerEpoch = leaf('int16')
/** Epoch of a broker's registration: an opaque bigint, -1n for unknown. */
export const brokerEpoch = leaf('int64')
/** How often the cluster's finalized features have changed (KIP-584); -1 for unknown. */
export const featuresEpoch = leaf('safeInt64')

/** Stands in a field for a bit set of allowed operations when the request did not ask for them. */
export const NO_AUTHORIZED_OPERATIONS = -0x8000_0000
