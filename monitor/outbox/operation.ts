/** Something that the monitor or somebody at it has done, for the broker's history. Plain data without secrets. */
export interface HistoryOperation {
  /** Unique; the same again is the same operation. */
  readonly id: string
  /** A stable code, such as `silence.create`. */
  readonly operation: string
  /** Name of what was changed: the id of a silence, a ticket, a finding, a disk action. */
  readonly resource: string
  readonly occurredAtMs: number
  /** The principal who did it; null for the monitor itself. */
  readonly onBehalfOf: string | null
  readonly before: object | null
  readonly after: object | null
  readonly reason?: string
  /** Sequence numbers of the records that led to it. */
  readonly causes?: readonly number[]
}

/** What became of an operation. */
export type Handed =
  /** It is in the history; the number is null when the history does not tell it. */
  | { readonly kind: 'recorded'; readonly seq: number | null }
  /** It will never be. */
  | { readonly kind: 'refused'; readonly message: string }

/** An operation with its place in the outbox. */
export interface PlacedOperation extends HistoryOperation {
  /** Rises by one from operation to operation, from 1. */
  readonly position: number
}

/** What was handed in is not understood; handing it in again would not help. */
export class HistoryRejection extends Error {
  override readonly name: string = 'HistoryRejection'
}

/** Where operations go. */
export interface HistoryPort {
  /**
   * Hands operations to the history in the order of their positions, and answers what became of each.
   * Rejects when nothing is known of any of them, with a HistoryRejection when there is no use in trying again;
   * handing them in again does no harm.
   */
  hand(
    outboxId: string,
    operations: readonly PlacedOperation[],
  ): Promise<ReadonlyMap<number, Handed>>
}
