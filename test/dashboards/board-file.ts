/** A board of Grafana as its JSON says, of any generation that public boards are written in. */
export interface BoardFile {
  readonly title: string
  readonly variables: readonly BoardVariable[]
  readonly panels: readonly BoardPanel[]
}

export interface BoardVariable {
  readonly name: string
  readonly type: string
  readonly query: string
  /** Cuts the value out of each result; empty for none. */
  readonly regex: string
  readonly includeAll: boolean
  readonly allValue: string | null
}

export interface BoardPanel {
  readonly title: string
  readonly expressions: readonly string[]
}

interface PanelJson {
  readonly type?: string
  readonly title?: string
  readonly targets?: readonly { readonly expr?: string }[]
  readonly panels?: readonly PanelJson[]
}

interface BoardJson {
  readonly title?: string
  readonly panels?: readonly PanelJson[]
  /** Boards of Grafana before 5 keep panels in rows. */
  readonly rows?: readonly PanelJson[]
  readonly templating?: { readonly list?: readonly VariableJson[] }
}

interface VariableJson {
  readonly name: string
  readonly type: string
  readonly query?: unknown
  readonly regex?: string
  readonly includeAll?: boolean
  readonly allValue?: string | null
}

export function readBoard(text: string): BoardFile {
  const json = JSON.parse(text) as BoardJson
  return {
    title: json.title ?? 'untitled',
    variables: (json.templating?.list ?? []).map(variableOf),
    panels: [...(json.panels ?? []), ...(json.rows ?? [])].flatMap(panelsOf),
  }
}

/** Panels that ask something, those inside rows included. */
function panelsOf(panel: PanelJson): BoardPanel[] {
  const inside = (panel.panels ?? []).flatMap(panelsOf)
  const expressions = (panel.targets ?? [])
    .map(({ expr }) => expr?.trim() ?? '')
    .filter((expr) => expr !== '')
  if (expressions.length === 0) return inside
  return [{ title: panel.title ?? 'untitled', expressions }, ...inside]
}

function variableOf({
  name,
  type,
  query,
  regex,
  includeAll,
  allValue,
}: VariableJson): BoardVariable {
  const text =
    typeof query === 'string' ? query : ((query as { query?: string } | null)?.query ?? '')
  return {
    name,
    type,
    query: text,
    regex: regex ?? '',
    includeAll: includeAll === true,
    allValue: allValue ?? null,
  }
}
