import type { Operation } from '../../broker/control/index.ts'
import { operationKinds, operations } from '../../broker/control/index.ts'
import { page, table } from './markdown.ts'

/** docs/operations.md: every control operation with its permissions, its reversal and its doors. */
export function renderOperations(): string {
  const rows = [...operationKinds].sort().flatMap((kind) => {
    // The rows differ in the commands that they take, which a page does not show.
    const row = operations[kind] as unknown as Operation
    // What nobody can ask for is not offered.
    if (row.kafka.length + row.http.length === 0) return []
    const cells = [
      `\`${kind}\``,
      row.doc,
      needsOf(row),
      row.reversal.join(' or '),
      row.kafka.join(', ') || '-',
      row.http.map((path) => `\`${path}\``).join(', ') || '-',
    ]
    return [cells]
  })
  return page(
    'Control operations',
    'Each leaves one record in the history, whatever comes of it: allowed, denied and failed alike. A rewind can take back what has a reversal: `full` restores all of it, `side-effects` restores the resource but not all that followed from the change, `none` is for good.',
    table(['Operation', 'What it does', 'Needs', 'Reversal', 'Kafka API', 'HTTP'], rows),
  )
}

function needsOf({ needs }: Operation): string {
  if (needs.length === 0) return 'decided by the operation itself'
  const alternatives = needs.map(({ anyOf }) =>
    anyOf.map(({ operation, resourceType }) => `${operation} on ${resourceType}`).join(' or '),
  )
  return alternatives.join(', and ')
}
