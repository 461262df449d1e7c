/**
 * A text that came from outside in bounds, for messages and logs: at most `maxLength` UTF-16 code
 * units and an ellipsis, and never half of a surrogate pair.
 */
export function abbreviate(text: string, maxLength: number): string {
  const short = text.length <= maxLength ? text : `${text.slice(0, maxLength)}…`
  return short.toWellFormed()
}
