/** What every scraped series says of itself, or the monitor of its target. */
const TAKEN: readonly string[] = ['job', 'instance']
const NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/

/** What is wrong with `name=value,name=value`; null when nothing is. */
export function faultOfTargetLabels(text: string): string | null {
  for (const part of partsOf(text)) {
    const [name = '', value] = part
    if (value === undefined || !NAME.test(name) || name.startsWith('__')) {
      return `takes labels as name=value, not "${part.join('=')}"`
    }
    if (TAKEN.includes(name)) return `cannot set ${name}, which the monitor sets`
  }
  return null
}

/** Labels by their names; of a name that comes twice the last counts. */
export function parseTargetLabels(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(partsOf(text).map(([name = '', value = '']) => [name, value]))
}

function partsOf(text: string): readonly (readonly string[])[] {
  const parts = text.split(',').map((part) => part.trim())
  return parts
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf('=')
      return at < 0 ? [part] : [part.slice(0, at).trim(), part.slice(at + 1).trim()]
    })
}
