/** The partition of `__consumer_offsets` that a group falls into: the same as in Kafka, for tools that compute it. */
export function partitionFor(groupId: string, partitionCount: number): number {
  const hash = javaStringHash(groupId)
  // Math.abs of the smallest int is negative in Java; Kafka takes 0 for it.
  return hash === -0x8000_0000 ? 0 : Math.abs(hash) % partitionCount
}

/** `String.hashCode` of Java: over UTF-16 code units, in 32 bits. */
function javaStringHash(text: string): number {
  let hash = 0
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0
  return hash
}
