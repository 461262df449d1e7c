export type Attributes = Readonly<Record<string, string | number>>

/** An element with text or elements that were made the same way inside. */
export function element(
  name: string,
  attributes: Attributes,
  ...inside: readonly string[]
): string {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escapeText(short(value))}"`)
    .join('')
  return inside.length === 0
    ? `<${name}${written}/>`
    : `<${name}${written}>${inside.join('')}</${name}>`
}

/** Text at its baseline. */
export function text(x: number, y: number, className: string, content: string): string {
  return element('text', { x, y, class: className }, escapeText(content))
}

export function escapeText(content: string): string {
  return content
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

/** A tenth of a pixel is enough, and keeps changes of the file readable. */
function short(value: string | number): string {
  return typeof value === 'number' ? String(Math.round(value * 10) / 10) : value
}
