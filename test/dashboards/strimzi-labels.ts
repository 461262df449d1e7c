import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

/** The labels by which boards for Strimzi choose, from the very file that an operator is told to copy. */
export const STRIMZI_LABELS: Readonly<Record<string, string>> = labelsOf(
  join(import.meta.dirname, '../../dashboards/prometheus/targets/strimzi.example.yml'),
)

function labelsOf(path: string): Readonly<Record<string, string>> {
  const [target] = parse(readFileSync(path, 'utf8')) as readonly {
    labels: Record<string, string>
  }[]
  return target?.labels ?? {}
}
