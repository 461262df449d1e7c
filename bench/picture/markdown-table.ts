/** A row of a Markdown table: what stands under each title. */
export type MarkdownRow = ReadonlyMap<string, string>

/** The rows of the first table after a heading; none when there is no such heading or no table. */
export function readMarkdownTable(page: string, heading: string): readonly MarkdownRow[] {
  const lines = page.split('\n')
  const start = lines.indexOf(heading)
  if (start < 0) return []
  const rest = lines.slice(start + 1)
  const first = rest.findIndex((line) => line.startsWith('|') || line.startsWith('#'))
  if (first < 0 || rest[first]?.startsWith('#')) return []
  const end = rest.findIndex((line, i) => i > first && !line.startsWith('|'))
  const [head = '', , ...rows] = rest.slice(first, end < 0 ? undefined : end)
  const titles = cellsOf(head)
  return rows.map((row) => {
    const cells = cellsOf(row)
    return new Map(titles.map((title, i) => [title, cells[i] ?? '']))
  })
}

function cellsOf(line: string): readonly string[] {
  return line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'))
}
