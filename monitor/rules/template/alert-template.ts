import { RE2JS } from 're2js'
import type { Labels } from '../../promql/index.ts'
import { parseDuration } from '../../promql/index.ts'
import { BUILTIN_FUNCTIONS } from './builtins.ts'
import type { TemplateFunctions } from './executor.ts'
import { executeTemplate } from './executor.ts'
import {
  goDuration,
  humanize,
  humanize1024,
  humanizeDuration,
  humanizePercentage,
  humanizeTimestamp,
} from './humanize.ts'
import { TemplateError } from './lexer.ts'
import type { ParsedTemplate } from './parser.ts'
import { parseTemplate } from './parser.ts'
import type { TemplateValue } from './template-value.ts'
import { formatValue, toNumber, toText } from './values.ts'

/** One series of a query that a template makes. */
export interface QuerySample {
  readonly labels: Labels
  readonly value: number
}

/** What a template of an alert may know. */
export interface AlertTemplateContext {
  readonly labels: Labels
  readonly value: number
  readonly externalLabels: Readonly<Record<string, string>>
  readonly externalUrl: string
  /** An instant query at the time of the evaluation. */
  readonly query: (expression: string) => readonly QuerySample[]
  readonly nowMs: number
}

/** Functions that depend on where and when a template is filled in. */
const CONTEXTUAL = [
  'query',
  'externalURL',
  'pathPrefix',
  'now',
  'graphLink',
  'tableLink',
  'tmpl',
] as const

/** Functions of Prometheus (docs/configuration/template_reference.md in its sources) that need nothing else. */
export const TEMPLATE_FUNCTIONS: TemplateFunctions = {
  ...BUILTIN_FUNCTIONS,
  first: (value) => {
    const [first] = listOf(value)
    if (first === undefined) throw new TemplateError('first() called on vector with no elements')
    return first
  },
  label: (name, sample) =>
    fieldOf(sample, 'Labels', (labels) =>
      labels instanceof Map ? (labels.get(toText(name)) ?? '') : '',
    ),
  value: (sample) => fieldOf(sample, 'Value', (value) => value),
  strvalue: (sample) =>
    fieldOf(sample, 'Labels', (labels) =>
      labels instanceof Map ? (labels.get('__value__') ?? '') : '',
    ),
  sortByLabel: (name, samples) =>
    [...listOf(samples)].sort((a, b) => {
      const [first, second] = [a, b].map((one) =>
        toText(TEMPLATE_FUNCTIONS.label?.(name, one)),
      ) as [string, string]
      return first < second ? -1 : first > second ? 1 : 0
    }),
  args: (...args) => new Map(args.map((argument, at) => [`arg${at}`, argument])),
  humanize: (value) => humanize(toNumber(value)),
  humanize1024: (value) => humanize1024(toNumber(value)),
  humanizeDuration: (value) => humanizeDuration(toNumber(value)),
  humanizePercentage: (value) => humanizePercentage(toNumber(value)),
  humanizeTimestamp: (value) => humanizeTimestamp(toNumber(value)),
  toTime: (value) => humanizeTimestamp(toNumber(value)),
  toDuration: (value) => goDuration(toNumber(value)),
  title: (text) => toText(text).replace(/\b[a-z]/g, (letter) => letter.toUpperCase()),
  toUpper: (text) => toText(text).toUpperCase(),
  toLower: (text) => toText(text).toLowerCase(),
  stripPort: (text) =>
    toText(text)
      .replace(/^(\[[^\]]*\]|[^:]*):\d+$/, '$1')
      .replace(/^\[(.*)\]$/, '$1'),
  stripDomain: (text) => stripDomain(toText(text)),
  match: (pattern, text) => compile(toText(pattern)).matcher(toText(text)).find(),
  reReplaceAll: (pattern, replacement, text) =>
    compile(toText(pattern))
      .matcher(toText(text))
      .replaceAll(goReplacement(toText(replacement))),
  parseDuration: (text) => {
    const durationMs = parseDuration(toText(text))
    if (durationMs === null) throw new TemplateError(`not a valid duration: ${toText(text)}`)
    return durationMs / 1000
  },
  urlQueryEscape: (text) => encodeURIComponent(toText(text)),
  safeHtml: (text) => toText(text),
}

const NAMES: ReadonlySet<string> = new Set([...Object.keys(TEMPLATE_FUNCTIONS), ...CONTEXTUAL])

/** A template of a label or an annotation, read once and filled in at each evaluation. */
export class AlertTemplate {
  readonly #template: ParsedTemplate

  /** @throws TemplateError */
  constructor(text: string) {
    this.#template = parseTemplate(text, NAMES)
  }

  /** @throws TemplateError when it asks for what there is not */
  fill(context: AlertTemplateContext): string {
    const labels = mapOf(context.labels.entries())
    const externalLabels = mapOf(Object.entries(context.externalLabels))
    const { value, externalUrl } = context
    const data = {
      Labels: labels,
      ExternalLabels: externalLabels,
      ExternalURL: externalUrl,
      Value: value,
    }
    const variables = { labels, externalLabels, externalURL: externalUrl, value }
    return executeTemplate(this.#template, data, variables, {
      ...TEMPLATE_FUNCTIONS,
      ...contextual(context),
    })
  }
}

function contextual({ externalUrl, nowMs, query }: AlertTemplateContext): TemplateFunctions {
  const link = (tab: number) => (expression: TemplateValue) =>
    `${externalUrl}/graph?g0.expr=${encodeURIComponent(toText(expression))}&g0.tab=${tab}`
  return {
    query: (expression) =>
      query(toText(expression)).map(({ labels, value }) => ({
        Labels: mapOf(labels.entries()),
        Value: value,
      })),
    externalURL: () => externalUrl,
    pathPrefix: () => new URL(externalUrl).pathname.replace(/\/$/, ''),
    now: () => nowMs / 1000,
    graphLink: link(0),
    tableLink: link(1),
  }
}

function mapOf(entries: Iterable<readonly [string, string]>): ReadonlyMap<string, TemplateValue> {
  return new Map<string, TemplateValue>(entries)
}

function listOf(value: TemplateValue): readonly TemplateValue[] {
  if (Array.isArray(value)) return value
  throw new TemplateError(`no list: ${formatValue(value)}`)
}

function fieldOf(
  sample: TemplateValue,
  field: string,
  read: (value: TemplateValue) => TemplateValue,
): TemplateValue {
  if (typeof sample !== 'object' || sample === null || !Object.hasOwn(sample, field)) {
    throw new TemplateError(`no sample of a query: ${formatValue(sample)}`)
  }
  return read((sample as Readonly<Record<string, TemplateValue>>)[field])
}

/** The first part of a host's name; addresses and ports stay. */
function stripDomain(host: string): string {
  const [, name = '', port = ''] = /^(.*?)(:\d+)?$/.exec(host) ?? []
  return /^[\d.]+$|^\[/.test(name) ? host : `${name.split('.', 1)[0]}${port}`
}

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern)
  } catch (error) {
    throw new TemplateError(error instanceof Error ? error.message : String(error))
  }
}

/** Java's replacements, which RE2JS follows, want braces around names. */
function goReplacement(replacement: string): string {
  return replacement
    .replace(/\\/g, '\\\\')
    .replace(/\$\{?(\w+)\}?/g, (_, name: string) =>
      /^\d+$/.test(name) ? `$${name}` : `\${${name}}`,
    )
}
