/** A text that others chose, such as the name of a group, without what would move the cursor, paint, or hide at a terminal. */
export function terminalText(text: string): string {
  return text.replaceAll(/\p{Cc}|\p{Cf}/gu, '\u{FFFD}')
}
