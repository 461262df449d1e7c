import { ConsumerProtocolAssignment, codec, ProtocolError, Reader } from '../../protocol/index.ts'

export interface AssignedPartitions {
  readonly topic: string
  readonly partitions: readonly number[]
}

/**
 * An assignment does not change, and whoever looks at groups looks at the same ones again and again. What was read
 * takes up to sixteen times the bytes that a client sent, and those count for the memory of groups, this does not:
 * so beyond this many all that was read is forgotten.
 */
const MAX_REMEMBERED_BYTES = 4 * 1024 * 1024

type Read = readonly AssignedPartitions[] | null

let remembered = new WeakMap<Buffer, Read>()
let rememberedBytes = 0

/**
 * What a member of a group of consumers was given; nothing for an empty assignment, null for one that
 * cannot be read. Every version begins like version 0; clients write it, so it may be anything.
 */
export function assignedPartitions(assignment: Buffer): Read {
  const known = remembered.get(assignment)
  if (known !== undefined) return known
  const partitions = decode(assignment)
  remember(assignment, partitions)
  return partitions
}

function remember(assignment: Buffer, partitions: Read): void {
  if (rememberedBytes + assignment.length > MAX_REMEMBERED_BYTES) {
    remembered = new WeakMap()
    rememberedBytes = 0
  }
  if (assignment.length > MAX_REMEMBERED_BYTES) return
  remembered.set(assignment, partitions)
  rememberedBytes += assignment.length
}

function decode(bytes: Buffer): Read {
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
