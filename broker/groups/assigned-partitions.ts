import { ConsumerProtocolAssignment, codec, ProtocolError, Reader } from '../../protocol/index.ts'

export interface AssignedPartitions {
  readonly topic: string
  readonly partitions: readonly number[]
}

/** An assignment does not change, and whoever looks at groups looks at the same ones again and again. */
const read = new WeakMap<Buffer, readonly AssignedPartitions[] | null>()

/**
 * What a member of a group of consumers was given; nothing for an empty assignment, null for one that
 * cannot be read. Every version begins like version 0; clients write it, so it may be anything.
 */
export function assignedPartitions(assignment: Buffer): readonly AssignedPartitions[] | null {
  const known = read.get(assignment)
  if (known !== undefined) return known
  const partitions = decode(assignment)
  read.set(assignment, partitions)
  return partitions
}

function decode(bytes: Buffer): readonly AssignedPartitions[] | null {
  if (bytes.length === 0) return []
  const reader = new Reader(bytes)
  try {
    if (reader.int16() < 0) return null
    return codec(ConsumerProtocolAssignment, 0).read(reader).assignedPartitions
  } catch (error) {
    if (error instanceof ProtocolError) return null
    throw error
  }
}
