/** Rows of text under a heading; columns of figures are aligned to the right. */
export interface Table {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const FIGURE = /^[<~]?[-+]?[\d.,]+(?: ?(?:%|x))?$|^-$/

/** The table for a terminal. */
export function renderPlain({ head, rows }: Table): string {
  const isRight = head.map((_, column) => isOfFigures(rows, column))
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]): string =>
    widths
      .map((width, column) => {
        const cell = cells[column] ?? ''
        return isRight[column] ? cell.padStart(width) : cell.padEnd(width)
      })
      .join('  ')
      .trimEnd()
  return [line(head), ...rows.map(line)].join('\n')
}

/** The table as Markdown. */
export function renderMarkdown({ head, rows }: Table): string {
  const line = (cells: readonly string[]): string =>
    `| ${head.map((_, column) => (cells[column] ?? '').replaceAll('|', '\\|')).join(' | ')} |`
  const rule = head.map((_, column) => (isOfFigures(rows, column) ? '---:' : '---'))
  return [line(head), `|${rule.join('|')}|`, ...rows.map(line)].join('\n')
}

function isOfFigures(rows: Table['rows'], column: number): boolean {
  return rows.length > 0 && rows.every((row) => FIGURE.test(row[column] ?? ''))
}
