import type { Family, FamilyHistogram, FamilyLabels } from './family.ts'

export const TEXT_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** Families in Prometheus' text format (docs/instrumenting/exposition_formats.md of its documentation). */
export function renderFamilies(families: readonly Family[]): string {
  const lines: string[] = []
  for (const family of families) {
    const { name, help, type } = family
    lines.push(`# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`)
    lines.push(`# TYPE ${name} ${type}`)
    if (family.type === 'histogram') {
      for (const histogram of family.samples()) lines.push(...histogramLines(name, histogram))
    } else {
      for (const { labels, value } of family.samples()) lines.push(line(name, labels, value))
    }
  }
  return `${lines.join('\n')}\n`
}

function* histogramLines(
  name: string,
  { labels, buckets, sum, count }: FamilyHistogram,
): Generator<string> {
  for (const [bound, cumulative] of buckets)
    yield line(`${name}_bucket`, { ...labels, le: bound }, cumulative)
  yield line(`${name}_bucket`, { ...labels, le: '+Inf' }, count)
  yield line(`${name}_sum`, labels, sum)
  yield line(`${name}_count`, labels, count)
}

function line(name: string, labels: FamilyLabels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(String(text))}"`)
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${valueText(value)}`
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

function valueText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value)
}
