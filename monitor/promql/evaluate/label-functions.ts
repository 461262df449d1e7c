import { RE2JS } from 're2js'
import { METRIC_NAME } from '../model/labels.ts'
import { EvaluationError } from '../promql-error.ts'
import type { Column } from './column.ts'
import { mergeEqualLabels } from './column.ts'

/** Where `source` matches the whole expression, `target` becomes `replacement` with its groups filled in. */
export function labelReplace(
  columns: readonly Column[],
  target: string,
  replacement: string,
  source: string,
  pattern: string,
): Column[] {
  const expression = compile(pattern)
  refuseBadName(target, 'destination label name in label_replace()')
  const template = parseTemplate(replacement)
  return mergeEqualLabels(
    columns.map((column) => {
      const match = expression.matcher(column.labels.get(source))
      if (!match.matches()) return column
      const value = template
        .map((part) => (typeof part === 'string' ? part : groupOf(match, part.group)))
        .join('')
      return relabelled(column, target, value)
    }),
  )
}

/** The values of `sources` with `separator` between them. */
export function labelJoin(
  columns: readonly Column[],
  target: string,
  separator: string,
  sources: readonly string[],
): Column[] {
  for (const source of sources) refuseBadName(source, 'source label name in label_join()')
  refuseBadName(target, 'destination label name in label_join()')
  return mergeEqualLabels(
    columns.map((column) =>
      relabelled(
        column,
        target,
        sources.map((source) => column.labels.get(source)).join(separator),
      ),
    ),
  )
}

function relabelled(column: Column, target: string, value: string): Column {
  return {
    ...column,
    labels: column.labels.with(target, value),
    dropName: column.dropName && target !== METRIC_NAME,
  }
}

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern, RE2JS.DOTALL)
  } catch {
    throw new EvaluationError(`invalid regular expression in label_replace(): ${pattern}`)
  }
}

/** Any UTF-8 will do; bytes that were none have become replacement characters. */
function refuseBadName(name: string, what: string): void {
  if (name === '' || name.includes('\u{fffd}'))
    throw new EvaluationError(`invalid ${what}: ${name}`)
}

type TemplatePart = string | { readonly group: string }

/** As Go expands: `$1`, `$name` and `${name}`; `$$` is a dollar, and any other dollar stays. */
function parseTemplate(replacement: string): TemplatePart[] {
  const parts: TemplatePart[] = []
  let from = 0
  for (const found of replacement.matchAll(/\$(?:(\$)|(\w+)|\{(\w+)\})/g)) {
    parts.push(replacement.slice(from, found.index))
    parts.push(found[1] === undefined ? { group: found[2] ?? found[3] ?? '' } : '$')
    from = found.index + found[0].length
  }
  parts.push(replacement.slice(from))
  return parts
}

/** Empty for a group that the expression does not have. */
function groupOf(match: ReturnType<RE2JS['matcher']>, name: string): string {
  try {
    return (/^\d+$/.test(name) ? match.group(Number(name)) : match.group(name)) ?? ''
  } catch {
    return ''
  }
}
