/** A point in the history: after a record, or at a time. */
export type Moment = { readonly seq: number } | { readonly timeMs: number }

/** There is no such moment in the history, or the text does not name one; the message says which. */
export class MomentError extends Error {
  override readonly name = 'MomentError'
}

/** Date and time with an offset, as RFC 3339 has them. */
const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/

/** Digits are a sequence number, anything else is a time of RFC 3339. Throws a MomentError. */
export function parseMoment(text: string): Moment {
  if (/^\d{1,15}$/.test(text)) return { seq: Number(text) }
  const timeMs = RFC_3339.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(timeMs)) return { timeMs }
  throw new MomentError(
    `${JSON.stringify(text)} is neither a sequence number nor a time such as 2026-01-31T12:00:00Z`,
  )
}
