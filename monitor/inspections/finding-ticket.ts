import type { AlertingPipeline, NewTicket, Ticket } from '../../alerting/index.ts'
import type { Severity } from './check.ts'
import { SEVERITIES } from './check.ts'
import type { Finding } from './finding.ts'

/** From which severity on a finding opens a ticket by itself. */
export type TicketThreshold = Severity | 'none'

const SYSTEM = 'glasslog inspections'
/** How many tickets one inspection opens by itself: a flood of them helps nobody. */
const MAX_TICKETS_AT_ONCE = 20

/** The ticket about a finding: the one that is open, or a new one. */
export async function ticketAbout(
  { tickets }: Pick<AlertingPipeline, 'tickets'>,
  finding: Finding,
  actor: string,
  externalUrl: string,
): Promise<Ticket> {
  const source = { kind: 'finding', id: finding.id } as const
  return tickets.openAbout(source) ?? tickets.open(newTicket(finding, externalUrl), actor)
}

/** Opens tickets about what was raised and is grave enough. */
export async function openTickets(
  pipeline: Pick<AlertingPipeline, 'tickets'>,
  raised: readonly Finding[],
  threshold: TicketThreshold,
  externalUrl: string,
): Promise<void> {
  if (threshold === 'none') return
  const grave = raised.filter(
    ({ severity }) => SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(threshold),
  )
  for (const finding of grave.slice(0, MAX_TICKETS_AT_ONCE))
    await ticketAbout(pipeline, finding, SYSTEM, externalUrl)
}

function newTicket(finding: Finding, externalUrl: string): NewTicket {
  const { title, resource, summary, cause, remedy, verify, severity, id } = finding
  const steps = remedy.steps.map((step, at) => `${at + 1}. ${step}`)
  return {
    title: `${title}: ${resource.name}`.slice(0, 300),
    description: [summary, `Likely cause: ${cause}`, ...steps, `To verify: ${verify}`].join('\n'),
    severity,
    source: { kind: 'finding', id },
    links: [{ title: 'Finding', url: `${externalUrl}/v1/inspections/${encodeURIComponent(id)}` }],
  }
}
