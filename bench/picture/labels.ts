import type { Advantage } from './results.ts'

/** What a reader who knows no load by its name is told; the others are called what they are called. */
const LABELS: Readonly<Record<string, string>> = {
  'produce-1k records/s': 'Write 1 KiB records',
  'produce-100b records/s': 'Write 100 B records',
  'produce-100-partitions records/s': 'Write to 100 partitions',
  'requests requests/s': 'Write one record a request',
  'consume-tail records/s': 'Read the newest records',
  'consume-start records/s': 'Read from the start',
  'consume-10gb records/s, cache as left': 'Read 10 GB behind',
  'consume-10gb records/s, cache cold': 'Read 10 GB behind, cold cache',
  'both-ways records/s': 'Write and read at once',
  'latency p50 ms': 'End-to-end latency, p50',
  'latency p99 ms': 'End-to-end latency, p99',
  'latency p99.9 ms': 'End-to-end latency, p99.9',
  'latency mean ms': 'End-to-end latency, mean',
  'start first start ms': 'First start',
  'start second start ms': 'Start after that',
  'idle RSS MiB': 'Memory of an idle broker',
  'restart first write ms': 'Write after kill -9',
  'restart last record read ms': 'Read the end after kill -9',
}

export function labelOf({ load, figure }: Advantage): string {
  return LABELS[`${load} ${figure}`] ?? `${load}, ${figure}`
}

/** A figure in three digits with its unit, such as `2.08 M/s` or `3.10 s`. */
export function amountText({ figure }: Pick<Advantage, 'figure'>, median: string): string {
  const value = Number(median.replaceAll(',', ''))
  const unit = figure.split(', ')[0]?.split(' ').at(-1) ?? ''
  if (unit.endsWith('/s')) return `${compact(value)}/s`
  return unit === 'ms' && value >= 1_000
    ? `${compact(value / 1_000)} s`
    : `${compact(value)} ${unit}`
}

/** Three digits: `2.08 M`, `223 k`, `71.2 k`, `5.02`. */
export function compact(value: number): string {
  const [scaled, suffix] =
    value >= 999_500 ? [value / 1e6, ' M'] : value >= 1_000 ? [value / 1e3, ' k'] : [value, '']
  const decimals = scaled >= 99.95 ? 0 : scaled >= 9.995 ? 1 : 2
  return `${scaled.toFixed(decimals)}${suffix}`
}
