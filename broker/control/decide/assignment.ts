/** What is wrong with a replica list that a client chose, on a cluster of this one broker; or null. */
export function assignmentFault(brokerIds: readonly number[], nodeId: number): string | null {
  const start = 'The manual partition assignment includes'
  if (brokerIds.length === 0) return `${start} an empty replica list.`
  const stranger = brokerIds.find((id) => id !== nodeId)
  if (stranger !== undefined) {
    return `${start} broker ${stranger}, but no such broker is registered.`
  }
  if (brokerIds.length > 1) return `${start} the broker ${nodeId} more than once.`
  return null
}
