interface Palette {
  readonly card: string
  readonly edge: string
  readonly grid: string
  readonly text: string
  readonly muted: string
  readonly ahead: string
  readonly behind: string
  readonly goal: string
  readonly other: string
}

const LIGHT: Palette = {
  card: '#ffffff',
  edge: '#d8dee4',
  grid: '#eaeef2',
  text: '#1f2328',
  muted: '#656d76',
  ahead: '#0f8a7e',
  behind: '#d4693f',
  goal: '#1f2328',
  other: '#8796a8',
}

const DARK: Palette = {
  card: '#0d1117',
  edge: '#30363d',
  grid: '#21262d',
  text: '#e6edf3',
  muted: '#8d96a0',
  ahead: '#35c2b1',
  behind: '#e8855e',
  goal: '#e6edf3',
  other: '#6e7f94',
}

const FONT = `system-ui,-apple-system,'Segoe UI',Helvetica,Arial,'DejaVu Sans',sans-serif`

/**
 * The picture's own style sheet: it follows the reader's choice of light or dark, and brings its
 * background along, so that it can be read wherever it is embedded.
 */
export function styleSheet(): string {
  return [
    `text{font-family:${FONT};font-size:13px}`,
    '.title{font-size:17px;font-weight:600}',
    '.small{font-size:11.5px}',
    '.strong{font-weight:600}',
    '.end{text-anchor:end}',
    '.middle{text-anchor:middle}',
    colours(LIGHT),
    `@media(prefers-color-scheme:dark){${colours(DARK)}}`,
  ].join('\n')
}

function colours(palette: Palette): string {
  return [
    `.card{fill:${palette.card};stroke:${palette.edge}}`,
    `.grid{stroke:${palette.grid}}`,
    `.axis{stroke:${palette.muted}}`,
    `text{fill:${palette.text}}`,
    `.muted{fill:${palette.muted}}`,
    `.ahead{fill:${palette.ahead}}`,
    `.behind{fill:${palette.behind}}`,
    `.range{stroke:${palette.text};stroke-opacity:.45}`,
    `.goal{stroke:${palette.goal};stroke-width:2}`,
    `.other{fill:${palette.other}}`,
    `.ahead-open{fill:${palette.ahead};fill-opacity:.18;stroke:${palette.ahead}}`,
    `.other-open{fill:${palette.other};fill-opacity:.18;stroke:${palette.other}}`,
  ].join('')
}
