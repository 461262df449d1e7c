import type { AdminClient } from '../cluster/index.ts'
import { RequestFault } from '../cluster/index.ts'
import type { Finding } from './finding.ts'

/** What became of a remedy, or what would. */
export interface RemedyOutcome {
  readonly finding: string
  readonly dryRun: boolean
  readonly description: string
  readonly reversible: boolean
  readonly request: { readonly method: string; readonly path: string; readonly body: unknown }
  /** What the broker answered: the resource as it is then. */
  readonly answer: unknown
  /** Number of its record in the history; null for a dry run. */
  readonly seq: number | null
  /** How to take it back; null when it cannot be, or nothing was done. */
  readonly undo: string | null
}

/**
 * Tries the remedy of a finding at the broker, or carries it out. It is a control operation like any other: the
 * broker decides, by the role of who asks, and keeps a record of it.
 * @throws RequestFault, BrokerUnreachableError
 */
export async function carryOut(
  admin: AdminClient,
  finding: Finding,
  options: { readonly dryRun: boolean; readonly authorization: string | null },
): Promise<RemedyOutcome> {
  const { action } = finding.remedy
  if (action === null)
    throw new RequestFault('conflict', 'people have to do this: the remedy has steps, no operation')
  // It was for how things were then: a topic that nobody used may be in use again.
  if (finding.state === 'fixed' && !options.dryRun)
    throw new RequestFault(
      'conflict',
      'the finding is fixed: inspect again to see whether it holds',
    )
  const { description, reversible, ...request } = action
  const reason = `${finding.title}: remedy of finding ${finding.id}`
  const { status, body } = await admin.change(request, { ...options, reason })
  if (status >= 300) throw new RequestFault('refused', problemOf(body, status))
  const seq = (body as { seq?: number | null } | null)?.seq ?? null
  return {
    ...{ finding: finding.id, dryRun: options.dryRun, description, reversible },
    request: { method: request.method, path: request.path, body: request.body ?? null },
    ...{ answer: body, seq },
    undo: seq !== null && reversible ? `glasslog audit rewind --undo ${seq}` : null,
  }
}

function problemOf(body: unknown, status: number): string {
  const { title, detail } = (body ?? {}) as { title?: string; detail?: string }
  return `${title ?? `status ${status}`}: ${detail ?? ''}`
}
