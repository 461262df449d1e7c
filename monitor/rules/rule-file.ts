import type { YAMLMap } from 'yaml'
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import {
  ParseError,
  parseDuration,
  parseExpression,
  UnsupportedFeatureError,
} from '../promql/index.ts'
import { AlertTemplate } from './template/alert-template.ts'
import { TemplateError } from './template/lexer.ts'

export interface RecordingRule {
  readonly kind: 'recording'
  readonly record: string
  readonly expression: string
  readonly labels: Readonly<Record<string, string>>
}

export interface AlertingRule {
  readonly kind: 'alerting'
  readonly alert: string
  readonly expression: string
  readonly forMs: number
  readonly keepFiringForMs: number
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

export type Rule = RecordingRule | AlertingRule

export interface RuleGroup {
  readonly name: string
  /** The file that it comes from. */
  readonly file: string
  /** Null: the evaluator's own. */
  readonly intervalMs: number | null
  /** Series or alerts that a rule may give; 0 for any number. */
  readonly limit: number
  readonly queryOffsetMs: number
  readonly labels: Readonly<Record<string, string>>
  readonly rules: readonly Rule[]
}

/** What is wrong in a rule file, and where: line and column from 1. */
export interface RuleFault {
  readonly line: number
  readonly column: number
  readonly message: string
}

/** A rule file cannot be used. Has every fault that was found. */
export class RuleFileError extends Error {
  readonly faults: readonly RuleFault[]

  constructor(file: string, faults: readonly RuleFault[]) {
    super(
      faults.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`).join('\n'),
    )
    this.name = 'RuleFileError'
    this.faults = faults
  }
}

const GROUP_FIELDS = ['name', 'interval', 'limit', 'query_offset', 'labels', 'rules'] as const
const RULE_FIELDS = [
  'record',
  'alert',
  'expr',
  'for',
  'keep_firing_for',
  'labels',
  'annotations',
] as const
const METRIC = /^[a-zA-Z_:][\w:]*$/
const LABEL = /^[a-zA-Z_]\w*$/

/**
 * Reads a rule file of Prometheus (docs/configuration/recording_rules.md in its sources). Unknown fields, expressions
 * and templates that cannot be read, and rules or groups that are there twice are faults.
 * @throws RuleFileError with all of them
 */
export function parseRuleFile(text: string, file: string): RuleGroup[] {
  const reader = new RuleFileReader(text, file)
  const groups = reader.read()
  if (reader.faults.length > 0) throw new RuleFileError(file, reader.faults)
  return groups
}

type YamlNode = unknown

class RuleFileReader {
  readonly faults: RuleFault[] = []
  readonly #text: string
  readonly #file: string
  readonly #lines = new LineCounter()

  constructor(text: string, file: string) {
    this.#text = text
    this.#file = file
  }

  read(): RuleGroup[] {
    const document = parseDocument(this.#text, {
      lineCounter: this.#lines,
      maxAliasCount: 100,
    } as object)
    for (const error of document.errors)
      this.#faultAt(error.pos[0], error.message.split('\n', 1)[0] ?? '')
    if (document.errors.length > 0 || document.contents === null) return []
    const root = this.#map(document.contents, ['groups'], 'a rule file')
    const list = root?.get('groups', true)
    const groups = this.#items(list).map((node) => this.#group(node))
    this.#refuseDuplicates(
      groups.map((group, at) => [group.name, this.#items(list)[at]]),
      'groupname',
    )
    return groups
  }

  #group(node: YamlNode): RuleGroup {
    const map = this.#map(node, GROUP_FIELDS, 'a group')
    const name = this.#field(map, 'name')
    if (name === '') this.#fault(node, 'groupname must not be empty')
    const rules = map?.get('rules', true)
    const items = this.#items(rules)
    const parsed = items
      .map((item) => this.#rule(item))
      .filter((rule): rule is Rule => rule !== null)
    this.#refuseDuplicates(
      parsed.map((rule, at) => [identityOf(rule), items[at]]),
      'rule',
    )
    return {
      name,
      file: this.#file,
      // 0 stands for the evaluator's own too, as in Prometheus.
      intervalMs: this.#duration(map, 'interval') || null,
      limit: this.#count(map, 'limit'),
      queryOffsetMs: this.#duration(map, 'query_offset') ?? 0,
      labels: this.#labels(map, 'labels', 'group'),
      rules: parsed,
    }
  }

  #rule(node: YamlNode): Rule | null {
    const map = this.#map(node, RULE_FIELDS, 'a rule')
    if (map === null) return null
    const record = this.#field(map, 'record')
    const alert = this.#field(map, 'alert')
    const expression = this.#field(map, 'expr')
    if ((record === '') === (alert === '')) this.#fault(node, 'one of record and alert must be set')
    if (expression === '') this.#fault(node, "field 'expr' must be set in rule")
    else this.#checkExpression(map.get('expr', true), expression)
    const labels = this.#labels(map, 'labels', 'rule')
    if (record !== '')
      return this.#recording(map, node, { kind: 'recording', record, expression, labels })
    this.#checkTemplates(map, 'labels', labels)
    const annotations = this.#labels(map, 'annotations', 'annotation')
    this.#checkTemplates(map, 'annotations', annotations)
    return {
      kind: 'alerting',
      alert,
      expression,
      forMs: this.#duration(map, 'for') ?? 0,
      keepFiringForMs: this.#duration(map, 'keep_firing_for') ?? 0,
      labels,
      annotations,
    }
  }

  #recording(map: YAMLMap, node: YamlNode, rule: RecordingRule): RecordingRule {
    if (!METRIC.test(rule.record))
      this.#fault(map.get('record', true), `invalid recording rule name: ${rule.record}`)
    for (const field of ['for', 'keep_firing_for', 'annotations'] as const) {
      if (map.has(field)) this.#fault(node, `invalid field '${field}' in recording rule`)
    }
    return rule
  }

  #checkExpression(node: YamlNode, expression: string): void {
    try {
      parseExpression(expression)
    } catch (error) {
      if (!(error instanceof ParseError || error instanceof UnsupportedFeatureError)) throw error
      this.#fault(node, `could not parse expression: ${error.message}`)
    }
  }

  #checkTemplates(map: YAMLMap, field: string, texts: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(texts)) {
      try {
        new AlertTemplate(text)
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error
        this.#fault(map.get(field, true), `the template of ${field} ${name}: ${error.message}`)
      }
    }
  }

  /** Names and texts; numbers and booleans are taken as they are written. */
  #labels(map: YAMLMap | null, field: string, what: string): Record<string, string> {
    const node = map?.get(field, true)
    if (node === undefined || node === null) return {}
    if (!isMap(node)) {
      this.#fault(node, `${field} must be a map`)
      return {}
    }
    const labels: Record<string, string> = {}
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : ''
      if (!LABEL.test(name) || name === '__name__')
        this.#fault(key, `invalid ${what === 'annotation' ? 'annotation' : 'label'} name: ${name}`)
      else if (!isScalar(value)) this.#fault(key, `the ${what} ${name} must be text`)
      else labels[name] = value.value === null ? '' : String(value.source ?? value.value)
    }
    return labels
  }

  #duration(map: YAMLMap | null, field: string): number | null {
    const node = map?.get(field, true)
    if (node === undefined || node === null) return null
    const text = isScalar(node) ? String(node.value) : ''
    const durationMs = text === '0' ? 0 : parseDuration(text)
    if (durationMs === null)
      this.#fault(node, `not a valid duration string: ${JSON.stringify(text)}`)
    return durationMs
  }

  #count(map: YAMLMap | null, field: string): number {
    const node = map?.get(field, true)
    if (node === undefined || node === null) return 0
    const count = isScalar(node) ? Number(node.value) : Number.NaN
    if (Number.isSafeInteger(count) && count >= 0) return count
    this.#fault(node, `${field} must be a whole number`)
    return 0
  }

  #field(map: YAMLMap | null, field: string): string {
    const node = map?.get(field, true)
    if (node === undefined || node === null) return ''
    if (isScalar(node) && node.value !== null) return String(node.value)
    this.#fault(node, `${field} must be text`)
    return ''
  }

  #map(node: YamlNode, fields: readonly string[], what: string): YAMLMap | null {
    if (!isMap(node)) {
      this.#fault(node, `${what} must be a map`)
      return null
    }
    for (const { key } of node.items) {
      const name = isScalar(key) ? String(key.value) : ''
      if (!fields.includes(name))
        this.#fault(key, `field ${name} is not one of ${what}: ${fields.join(', ')}`)
    }
    return node
  }

  #items(node: YamlNode): readonly YamlNode[] {
    if (node === undefined || node === null) return []
    if (isSeq(node)) return node.items
    this.#fault(node, 'must be a list')
    return []
  }

  #refuseDuplicates(
    named: readonly (readonly [name: string, node: YamlNode])[],
    what: string,
  ): void {
    const seen = new Set<string>()
    for (const [name, node] of named) {
      if (seen.has(name)) this.#fault(node, `${what} is repeated: ${name.split('\n', 1)[0]}`)
      seen.add(name)
    }
  }

  #fault(node: YamlNode, message: string): void {
    const range = (node as { range?: readonly number[] | null } | null | undefined)?.range
    this.#faultAt(range?.[0] ?? 0, message)
  }

  #faultAt(offset: number, message: string): void {
    const { line, col } = this.#lines.linePos(offset)
    this.faults.push({ line, column: col, message })
  }
}

/** Two rules of a group may share a name when their labels differ. */
function identityOf(rule: Rule): string {
  const name = rule.kind === 'recording' ? rule.record : rule.alert
  const labels = Object.entries(rule.labels).sort(([a], [b]) => (a < b ? -1 : 1))
  return `${name}\n${rule.kind} ${JSON.stringify(labels)}`
}
