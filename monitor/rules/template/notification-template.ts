import { TEMPLATE_FUNCTIONS } from './alert-template.ts'
import type { TemplateFunctions } from './executor.ts'
import { executeTemplate } from './executor.ts'
import { TemplateError } from './lexer.ts'
import { parseTemplate } from './parser.ts'
import type { TemplateValue } from './template-value.ts'
import { formatValue, toText } from './values.ts'

/** What templates of notifications have beside those of alerts (Alertmanager's template/template.go). */
const FUNCTIONS: TemplateFunctions = {
  ...TEMPLATE_FUNCTIONS,
  trimSpace: (text) => toText(text).trim(),
  join: (separator, list) => {
    if (!Array.isArray(list)) throw new TemplateError(`join of ${formatValue(list)}`)
    return list.map(toText).join(toText(separator))
  },
  stringSlice: (...texts) => texts.map(toText),
  list: (...values) => values,
  safeUrl: (text) => toText(text),
  toJson: (value) => JSON.stringify(plain(value)),
}

const NAMES: ReadonlySet<string> = new Set([...Object.keys(FUNCTIONS), 'tmpl'])

/** Why a template of a notification cannot be used; null when it can. */
export function notificationTemplateFault(template: string): string | null {
  try {
    parseTemplate(template, NAMES)
    return null
  } catch (error) {
    if (error instanceof TemplateError) return error.message
    throw error
  }
}

/**
 * Fills a template of a notification in. Texts by name become maps, as labels are; a list `Alerts` can be asked for those
 * that are `Firing` or `Resolved`. @throws TemplateError
 */
export function renderNotification(template: string, data: object): string {
  return executeTemplate(parseTemplate(template, NAMES), templateValue(data, 0), {}, FUNCTIONS)
}

function templateValue(value: unknown, depth: number): TemplateValue {
  if (Array.isArray(value)) return listValue(value, depth)
  if (typeof value !== 'object' || value === null) return value as string | number | boolean | null
  const entries = Object.entries(value).map(([name, field]): [string, TemplateValue] => [
    name,
    templateValue(field, depth + 1),
  ])
  // Everything below the top that is no alert is a map of texts, whose names are anybody's.
  return depth === 0 || 'Fingerprint' in value ? Object.fromEntries(entries) : new Map(entries)
}

function listValue(values: readonly unknown[], depth: number): TemplateValue {
  const list = values.map((one) => templateValue(one, depth + 1))
  const having = (status: string) =>
    list.filter(
      (one) => typeof one === 'object' && one !== null && 'Status' in one && one.Status === status,
    )
  return Object.assign(list, { Firing: having('firing'), Resolved: having('resolved') })
}

function plain(value: TemplateValue): unknown {
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([name, one]) => [name, plain(one)]))
  return Array.isArray(value) ? value.map(plain) : value
}
