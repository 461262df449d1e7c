import type { Clock } from '../../kit/index.ts'
import type { OperationLog } from '../operation-log.ts'
import { RequestError } from '../request-error.ts'
import type { StateLog } from '../state/state-log.ts'
import type { Ticket, TicketChange, TicketLink, TicketSource, TicketState } from './ticket.ts'
import { TICKET_STATES } from './ticket.ts'

export interface NewTicket {
  readonly title: string
  readonly description?: string | undefined
  readonly severity?: string | undefined
  readonly source?: TicketSource | undefined
  readonly assignee?: string | null | undefined
  readonly links?: readonly TicketLink[] | undefined
}

/** What is not there stays as it is. `comment` is added. */
export interface TicketPatch {
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly severity?: string | undefined
  readonly state?: TicketState | undefined
  readonly assignee?: string | null | undefined
  readonly links?: readonly TicketLink[] | undefined
  readonly comment?: string | undefined
}

const MAX_TICKETS = 5_000
const MAX_TEXT_LENGTH = 16_384
const MAX_TITLE_LENGTH = 300
const MAX_LINKS = 50
const MAX_COMMENTS = 500
const MAX_HISTORY = 500

/** Tickets as people open and work on them. Every change is durable before it is answered. */
export class TicketBook {
  readonly #log: StateLog
  readonly #clock: Clock
  readonly #operations: OperationLog
  readonly #onChange: () => void

  /** `onChange` is called after each change, for those who tell others of it. */
  constructor(log: StateLog, clock: Clock, operations: OperationLog, onChange: () => void) {
    this.#log = log
    this.#clock = clock
    this.#operations = operations
    this.#onChange = onChange
  }

  /** Newest first. */
  all(): readonly Ticket[] {
    return [...this.#log.state.tickets.values()].sort((a, b) => Number(b.id) - Number(a.id))
  }

  get(id: string): Ticket | undefined {
    return this.#log.state.tickets.get(id)
  }

  /** The ticket that somebody has opened about the same and not finished yet, if there is one. */
  openAbout(source: TicketSource): Ticket | undefined {
    if (source.kind === 'none') return undefined
    const key = JSON.stringify(source)
    return this.all().find((ticket) => !isFinished(ticket) && JSON.stringify(ticket.source) === key)
  }

  /** What would be opened: for a dry run. Throws a RequestError. */
  draft(request: NewTicket, actor: string): Ticket {
    const nowMs = this.#clock.now()
    const { title, description = '', severity = '', assignee = null, links = [] } = request
    const ticket: Ticket = {
      id: String(1 + this.all().reduce((highest, { id }) => Math.max(highest, Number(id)), 0)),
      ...{ title, description, severity, assignee, links },
      source: request.source ?? { kind: 'none' },
      state: 'open',
      comments: [],
      history: [{ by: actor, atMs: nowMs, field: 'state', from: null, to: 'open' }],
      createdAtMs: nowMs,
      createdBy: actor,
      updatedAtMs: nowMs,
      revision: 1,
      mirroredRevision: 0,
    }
    check(ticket)
    return ticket
  }

  async open(request: NewTicket, actor: string): Promise<Ticket> {
    const { tickets } = this.#log.state
    if (tickets.size >= MAX_TICKETS) this.#forgetOldestFinished()
    const ticket = this.draft(request, actor)
    await this.#keep('ticket.create', null, ticket, actor)
    return ticket
  }

  /** What a change would make of it: for a dry run. Throws a RequestError. */
  drafted(id: string, patch: TicketPatch, actor: string): Ticket {
    const before = this.get(id)
    if (!before) throw new RequestError('not-found', `there is no ticket ${id}`)
    const nowMs = this.#clock.now()
    const { comment, ...fields } = patch
    const changes = changesOf(before, fields, actor, nowMs)
    const given = Object.entries(fields).filter(([, value]) => value !== undefined)
    const comments = comment === undefined ? [] : [{ by: actor, atMs: nowMs, text: comment }]
    const after: Ticket = {
      ...before,
      ...Object.fromEntries(given),
      comments: [...before.comments, ...comments],
      history: [...before.history, ...changes].slice(-MAX_HISTORY),
      updatedAtMs: nowMs,
      revision: before.revision + 1,
    }
    check(after)
    return after
  }

  async change(id: string, patch: TicketPatch, actor: string): Promise<Ticket> {
    const before = this.get(id) ?? null
    const after = this.drafted(id, patch, actor)
    await this.#keep('ticket.update', before, after, actor)
    return after
  }

  async #keep(
    operation: 'ticket.create' | 'ticket.update',
    before: Ticket | null,
    after: Ticket,
    actor: string,
  ): Promise<void> {
    const resource = { kind: 'ticket' as const, id: after.id }
    const occurredAtMs = after.updatedAtMs
    this.#operations.note({ operation, actor, occurredAtMs, resource, before, after })
    this.#log.apply({ kind: 'ticket', ticket: after })
    await this.#operations.commit()
    this.#onChange()
  }

  #forgetOldestFinished(): void {
    const oldest = this.all().findLast(isFinished)
    if (!oldest) throw new RequestError('too-many', `more than ${MAX_TICKETS} unfinished tickets`)
    this.#log.apply({ kind: 'tickets-gone', ids: [oldest.id] })
  }
}

function isFinished({ state }: Ticket): boolean {
  return state === 'resolved' || state === 'closed'
}

function changesOf(
  before: Ticket,
  fields: Omit<TicketPatch, 'comment'>,
  by: string,
  atMs: number,
): TicketChange[] {
  const known = { ...before } as Readonly<Record<string, unknown>>
  return Object.entries(fields)
    .filter(([field, to]) => to !== undefined && textOf(to) !== textOf(known[field]))
    .map(([field, to]) => ({ by, atMs, field, from: textOf(known[field]), to: textOf(to) }))
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function check({ title, description, severity, assignee, links, state, comments }: Ticket): void {
  const refuse = (message: string): never => {
    throw new RequestError('invalid', message)
  }
  if (title.trim() === '' || title.length > MAX_TITLE_LENGTH)
    refuse(`title must have 1 to ${MAX_TITLE_LENGTH} characters`)
  if (description.length > MAX_TEXT_LENGTH || (comments.at(-1)?.text.length ?? 0) > MAX_TEXT_LENGTH)
    refuse(`a text of more than ${MAX_TEXT_LENGTH} characters`)
  if (severity.length > MAX_TITLE_LENGTH || (assignee?.length ?? 0) > MAX_TITLE_LENGTH)
    refuse(`a name of more than ${MAX_TITLE_LENGTH} characters`)
  if (!TICKET_STATES.includes(state)) refuse(`state must be one of ${TICKET_STATES.join(', ')}`)
  if (links.length > MAX_LINKS) refuse(`more than ${MAX_LINKS} links`)
  if (comments.length > MAX_COMMENTS) refuse(`more than ${MAX_COMMENTS} comments`)
  // Links are followed by people: nothing but pages.
  if (links.some(({ url }) => !/^https?:\/\//.test(url) || URL.parse(url) === null))
    refuse('links must be addresses that begin with http:// or https://')
}
