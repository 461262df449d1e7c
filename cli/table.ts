import { terminalText } from './terminal-text.ts'

/** Prints rows under each other: every cell but the last is as wide as its column says. */
export function renderRow(row: readonly string[], widths: readonly number[]): string {
  return row
    .map((cell, column) => terminalText(cell).padEnd(widths[column] ?? 0))
    .join(' ')
    .trimEnd()
}
