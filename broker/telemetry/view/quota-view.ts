import type { Clock } from '../../../kit/index.ts'
import type { LimitKind, Quotas } from '../../quotas/index.ts'
import { MAX_LABEL_LENGTH, OTHER } from '../settings.ts'

/** What one user, client id, or both took of a limit lately. */
export interface QuotaRow {
  /** Empty where the limit is for client ids of any user. */
  readonly user: string
  /** Empty where the limit is for a user with any client id. */
  readonly clientId: string
  /** In tokens of the kind: bytes, milliseconds of the thread, or partitions. */
  perSecond: number
  holds: number
  heldMs: number
  /** What can be taken now; negative for a debt. */
  tokens: number
}

/** Who took nothing for so long is not shown any more. */
const SHOWN_MS = 5 * 60_000

/** Who took something under a quota lately, by kind of limit, as of the last scrape; those beyond the bound as one. */
export class QuotaView {
  readonly #quotas: Pick<Quotas, 'throttles'>
  readonly #maxRows: number
  readonly #clock: Clock
  /** By kind, and by what they show of the names. */
  #rows = new Map<LimitKind, Map<string, QuotaRow>>()
  /** Beyond the bound. */
  otherCount = 0

  constructor(
    { quotas }: { readonly quotas: Pick<Quotas, 'throttles'> },
    { maxClientIds }: { readonly maxClientIds: number },
    clock: Clock,
  ) {
    this.#quotas = quotas
    this.#maxRows = maxClientIds
    this.#clock = clock
  }

  rows(kind: LimitKind): Iterable<QuotaRow> {
    return this.#rows.get(kind)?.values() ?? []
  }

  refresh(): void {
    const nowMs = this.#clock.monotonicMs()
    this.#rows = new Map()
    this.otherCount = 0
    for (const { throttle, user, clientId } of this.#quotas.throttles()) {
      const { recent, kind, tokens } = throttle
      const isOfAddress = user === null && clientId === null
      if (isOfAddress || nowMs - recent.lastMs > SHOWN_MS) continue
      const row = this.#row(kind, shown(user), shown(clientId))
      row.perSecond += recent.perSecond(nowMs)
      row.holds += recent.holds(nowMs)
      row.heldMs += recent.heldMs(nowMs)
      row.tokens += tokens
    }
  }

  /** Of those names, or of all beyond the bound. Names that show alike have one row: a series may be there but once. */
  #row(kind: LimitKind, user: string, clientId: string): QuotaRow {
    let rows = this.#rows.get(kind)
    if (!rows) {
      rows = new Map()
      this.#rows.set(kind, rows)
    }
    const known = rows.get(keyOf(user, clientId))
    if (known) return known
    if (rows.size < this.#maxRows) return newRow(rows, user, clientId)
    this.otherCount++
    return rows.get(keyOf(OTHER, OTHER)) ?? newRow(rows, OTHER, OTHER)
  }
}

function keyOf(user: string, clientId: string): string {
  return JSON.stringify([user, clientId])
}

function newRow(rows: Map<string, QuotaRow>, user: string, clientId: string): QuotaRow {
  const row = { user, clientId, perSecond: 0, holds: 0, heldMs: 0, tokens: 0 }
  rows.set(keyOf(user, clientId), row)
  return row
}

function shown(name: string | null): string {
  return (name ?? '').slice(0, MAX_LABEL_LENGTH)
}
