import { TemplateError } from './lexer.ts'
import type { Operand, ParsedTemplate, Pipeline, Stage, TemplateNode } from './parser.ts'
import type { TemplateValue } from './template-value.ts'
import { formatValue, isTrue } from './values.ts'

export type TemplateFunction = (...args: TemplateValue[]) => TemplateValue
export type TemplateFunctions = Readonly<Record<string, TemplateFunction>>

/** What a page of text is, at the most: a template that repeats itself must not fill the memory. */
const MAX_OUTPUT_LENGTH = 1_000_000
const MAX_CALLS = 100_000
const MAX_DEPTH = 100

/** Fills a template in. `data` is what `.` and `$` stand for. @throws TemplateError */
export function executeTemplate(
  template: ParsedTemplate,
  data: TemplateValue,
  variables: Readonly<Record<string, TemplateValue>>,
  functions: TemplateFunctions,
): string {
  return new Executor(template, functions).run(data, variables)
}

type Scope = Map<string, TemplateValue>

class Executor {
  readonly #template: ParsedTemplate
  readonly #functions: TemplateFunctions
  #output = ''
  #calls = 0
  #depth = 0

  constructor(template: ParsedTemplate, functions: TemplateFunctions) {
    this.#template = template
    this.#functions = functions
  }

  run(data: TemplateValue, variables: Readonly<Record<string, TemplateValue>>): string {
    this.#walk(this.#template.nodes, data, [new Map([['', data], ...Object.entries(variables)])])
    return this.#output
  }

  #walk(nodes: readonly TemplateNode[], dot: TemplateValue, scopes: readonly Scope[]): void {
    for (const node of nodes) {
      if (++this.#calls > MAX_CALLS) throw new TemplateError(`more than ${MAX_CALLS} steps`)
      this.#node(node, dot, scopes)
    }
  }

  #node(node: TemplateNode, dot: TemplateValue, scopes: readonly Scope[]): void {
    switch (node.kind) {
      case 'text':
        this.#print(node.text)
        break
      case 'print': {
        const value = this.#pipeline(node.pipeline, dot, scopes)
        if (node.pipeline.declares.length === 0) this.#print(formatValue(value))
        break
      }
      case 'template':
        this.#call(
          node.name,
          node.pipeline === null ? null : this.#pipeline(node.pipeline, dot, scopes),
        )
        break
      case 'range':
        this.#range(node, dot, scopes)
        break
      default: {
        const inner = [...scopes, new Map()]
        const value = this.#pipeline(node.pipeline, dot, inner)
        const chosen = isTrue(value) ? node.body : node.otherwise
        this.#walk(chosen, node.kind === 'with' && isTrue(value) ? value : dot, inner)
      }
    }
  }

  #call(name: string, data: TemplateValue): void {
    const nodes = this.#template.definitions.get(name)
    if (nodes === undefined) throw new TemplateError(`template ${JSON.stringify(name)} not defined`)
    if (++this.#depth > MAX_DEPTH)
      throw new TemplateError(`templates call one another more than ${MAX_DEPTH} deep`)
    this.#walk(nodes, data, [new Map([['', data]])])
    this.#depth--
  }

  #range(
    node: Extract<TemplateNode, { body: unknown }>,
    dot: TemplateValue,
    scopes: readonly Scope[],
  ): void {
    const declares = node.pipeline.declares
    const value = this.#pipeline({ ...node.pipeline, declares: [] }, dot, scopes)
    const entries = entriesOf(value)
    if (entries.length === 0) this.#walk(node.otherwise, dot, [...scopes, new Map()])
    for (const [key, element] of entries) {
      const scope: Scope = new Map()
      const [first, second] = declares
      if (second !== undefined) scope.set(first ?? '', key).set(second, element)
      else if (first !== undefined) scope.set(first, element)
      this.#walk(node.body, element, [...scopes, scope])
    }
  }

  #pipeline(pipeline: Pipeline, dot: TemplateValue, scopes: readonly Scope[]): TemplateValue {
    let value: TemplateValue
    pipeline.stages.forEach((stage, at) => {
      value = this.#stage(stage, dot, scopes, at === 0 ? [] : [value])
    })
    for (const name of pipeline.declares) {
      const scope = pipeline.assigns ? scopes.findLast((one) => one.has(name)) : scopes.at(-1)
      if (scope === undefined) throw new TemplateError(`undefined variable $${name}`)
      scope.set(name, value)
    }
    return value
  }

  #stage(
    stage: Stage,
    dot: TemplateValue,
    scopes: readonly Scope[],
    piped: readonly TemplateValue[],
  ): TemplateValue {
    const [first, ...rest] = stage.operands
    if (first?.kind === 'function') {
      return this.#apply(first.name, [
        ...rest.map((operand) => this.#operand(operand, dot, scopes)),
        ...piped,
      ])
    }
    if (rest.length > 0 || piped.length > 0)
      throw new TemplateError('can only give arguments to a function')
    return first === undefined ? null : this.#operand(first, dot, scopes)
  }

  #operand(operand: Operand, dot: TemplateValue, scopes: readonly Scope[]): TemplateValue {
    switch (operand.kind) {
      case 'constant':
        return operand.value
      case 'function':
        return this.#apply(operand.name, [])
      case 'pipeline':
        return fieldsOf(this.#pipeline(operand.pipeline, dot, scopes), operand.fields)
      case 'value':
        return fieldsOf(
          operand.variable === null ? dot : this.#variable(operand.variable, scopes),
          operand.fields,
        )
    }
  }

  #variable(name: string, scopes: readonly Scope[]): TemplateValue {
    const scope = scopes.findLast((one) => one.has(name))
    if (scope === undefined) throw new TemplateError(`undefined variable "$${name}"`)
    return scope.get(name)
  }

  #apply(name: string, args: readonly TemplateValue[]): TemplateValue {
    if (++this.#calls > MAX_CALLS) throw new TemplateError(`more than ${MAX_CALLS} steps`)
    if (name === 'tmpl') return this.#rendered(args)
    const apply = this.#functions[name]
    if (apply === undefined) throw new TemplateError(`function ${JSON.stringify(name)} not defined`)
    return apply(...args)
  }

  /** `tmpl NAME DATA`: a defined template as text, so that it can go through a pipeline. */
  #rendered([name, data]: readonly TemplateValue[]): string {
    const before = this.#output
    this.#output = ''
    this.#call(String(name), data)
    const rendered = this.#output
    this.#output = before
    return rendered
  }

  #print(text: string): void {
    this.#output += text
    if (this.#output.length > MAX_OUTPUT_LENGTH)
      throw new TemplateError(`more than ${MAX_OUTPUT_LENGTH} characters`)
  }
}

function entriesOf(value: TemplateValue): [TemplateValue, TemplateValue][] {
  if (Array.isArray(value)) return value.map((element, at) => [at, element])
  if (value instanceof Map) return [...value].sort(([a], [b]) => (a < b ? -1 : 1))
  if (value === null || value === undefined || value === '') return []
  throw new TemplateError(`range cannot iterate over ${formatValue(value)}`)
}

/** What a map of labels can be asked for, as Alertmanager's can; a label of the same name comes first. */
const MAP_METHODS: Readonly<
  Record<string, (map: ReadonlyMap<string, TemplateValue>) => TemplateValue>
> = {
  Names: (map) => [...map.keys()].sort(),
  Values: (map) => sortedEntries(map).map(([, value]) => value),
  SortedPairs: (map) => sortedEntries(map).map(([Name, Value]) => ({ Name, Value })),
}

function sortedEntries(map: ReadonlyMap<string, TemplateValue>): [string, TemplateValue][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1))
}

/** A key that a map lacks is empty text, as labels are; a field that an object or a list lacks is an error. */
function fieldsOf(value: TemplateValue, fields: readonly string[]): TemplateValue {
  let found = value
  for (const field of fields) {
    if (found instanceof Map) {
      found = found.has(field) ? found.get(field) : (MAP_METHODS[field]?.(found) ?? '')
    } else if (
      typeof found === 'object' &&
      found !== null &&
      /^[A-Z]/.test(field) &&
      Object.hasOwn(found, field)
    ) {
      found = (found as Readonly<Record<string, TemplateValue>>)[field]
    } else {
      throw new TemplateError(`can't evaluate field ${field} in ${formatValue(found)}`)
    }
  }
  return found
}
