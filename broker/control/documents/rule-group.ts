import type { JsonObject } from '../../../audit/index.ts'
import {
  anyText,
  documentFault,
  duration,
  isList,
  isObject,
  listOf,
  mapOf,
  matching,
  numberFrom,
  objectOf,
  text,
} from './document-shape.ts'

/**
 * One group of a rule file of Prometheus, with its members spelled as there. The broker keeps it for
 * the monitor and looks at its shape; whether an expression is one the monitor says.
 */
export type RuleGroup = JsonObject & { readonly name: string }

export const MAX_RULE_GROUPS = 1_000
export const MAX_RULES = 1_000
const MAX_GROUP_BYTES = 128 * 1024

const LABEL_NAME = /^[a-zA-Z_]\w*$/
const labels = mapOf(anyText(), LABEL_NAME)

const rule = objectOf(
  {
    alert: text(1024),
    record: matching(/^[a-zA-Z_:][\w:]*$/, 'the name of a metric', 1024),
    expr: text(),
    for: duration,
    keep_firing_for: duration,
    labels,
    annotations: labels,
  },
  ['expr'],
)

const group = objectOf(
  {
    name: text(200),
    interval: duration,
    limit: numberFrom(0, Number.MAX_SAFE_INTEGER),
    query_offset: duration,
    labels,
    rules: listOf(rule, MAX_RULES),
  },
  ['name', 'rules'],
)

/** Of alerts alone. */
const ALERT_MEMBERS = ['for', 'keep_firing_for', 'annotations'] as const

/** What is wrong with a group, or null. */
export function ruleGroupFault(given: JsonObject): string | null {
  const fault = documentFault(given, MAX_GROUP_BYTES, 'a rule group') ?? group(given, '')
  if (fault !== null) return fault
  const rules = isList(given.rules) ? given.rules : []
  for (const [index, one] of rules.entries()) {
    if (!isObject(one)) continue
    if ((one.alert === undefined) === (one.record === undefined)) {
      return `rules[${index}] needs either alert or record`
    }
    const misplaced = ALERT_MEMBERS.find((name) => one[name] !== undefined)
    if (one.record !== undefined && misplaced !== undefined) {
      return `rules[${index}].${misplaced} is of alerts, and this rule records`
    }
  }
  return null
}
