/** The text formats that scrapers understand. */
export type ExpositionFormat = 'prometheus' | 'openmetrics'

export const CONTENT_TYPES: Readonly<Record<ExpositionFormat, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

/**
 * The format that an Accept header (RFC 9110, 12.5.1) prefers: OpenMetrics when it is asked for with a
 * weight not below that of plain text.
 */
export function formatFor(accept: string | undefined): ExpositionFormat {
  let openMetrics = 0
  let text = 0
  for (const range of accept?.split(',') ?? []) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim())
    const weight = weightOf(parameters)
    if (type === 'application/openmetrics-text') openMetrics = Math.max(openMetrics, weight)
    else if (type === 'text/plain') text = Math.max(text, weight)
  }
  return openMetrics > 0 && openMetrics >= text ? 'openmetrics' : 'prometheus'
}

function weightOf(parameters: readonly string[]): number {
  const parameter = parameters.find((each) => each.startsWith('q='))
  const weight = parameter === undefined ? 1 : Number(parameter.slice(2))
  return Number.isFinite(weight) ? weight : 0
}
