import type { Token } from './lexer.ts'
import { TemplateError, tokenize } from './lexer.ts'

/** What an action calculates: stages of which each gets the value of the one before as its last argument. */
export interface Pipeline {
  /** Variables that get the value, two for an index and an element. */
  readonly declares: readonly string[]
  /** `=` instead of `:=`. */
  readonly assigns: boolean
  readonly stages: readonly Stage[]
}

/** A function with arguments, or one operand alone. */
export interface Stage {
  readonly operands: readonly Operand[]
}

export type Operand =
  | { readonly kind: 'constant'; readonly value: string | number | boolean | null }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'value'; readonly variable: string | null; readonly fields: readonly string[] }
  | { readonly kind: 'pipeline'; readonly pipeline: Pipeline; readonly fields: readonly string[] }

export type TemplateNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'print'; readonly pipeline: Pipeline }
  | {
      readonly kind: 'if' | 'with' | 'range'
      readonly pipeline: Pipeline
      readonly body: readonly TemplateNode[]
      readonly otherwise: readonly TemplateNode[]
    }
  | { readonly kind: 'template'; readonly name: string; readonly pipeline: Pipeline | null }

export interface ParsedTemplate {
  readonly nodes: readonly TemplateNode[]
  readonly definitions: ReadonlyMap<string, readonly TemplateNode[]>
}

const MAX_DEPTH = 100
const CONSTANTS: Readonly<Record<string, boolean | null>> = { true: true, false: false, nil: null }

/**
 * Reads a template. `functions` are the names that may be called.
 * @throws TemplateError
 */
export function parseTemplate(template: string, functions: ReadonlySet<string>): ParsedTemplate {
  const parser = new TemplateParser(tokenize(template), functions)
  return { nodes: parser.parseWhole(), definitions: parser.definitions }
}

class TemplateParser {
  readonly definitions = new Map<string, readonly TemplateNode[]>()
  readonly #tokens: readonly Token[]
  readonly #functions: ReadonlySet<string>
  #next = 0
  #depth = 0

  constructor(tokens: readonly Token[], functions: ReadonlySet<string>) {
    this.#tokens = tokens
    this.#functions = functions
  }

  parseWhole(): TemplateNode[] {
    const { nodes, ended } = this.#parseNodes()
    if (ended !== null) throw new TemplateError(`unexpected {{${ended}}}`)
    return nodes
  }

  /** Up to `{{end}}` or `{{else}}`, which is taken but for what follows `else`. */
  #parseNodes(): { nodes: TemplateNode[]; ended: 'end' | 'else' | null } {
    if (++this.#depth > MAX_DEPTH) throw new TemplateError(`nested deeper than ${MAX_DEPTH} levels`)
    const nodes: TemplateNode[] = []
    for (let token = this.#take(); token !== undefined; token = this.#take()) {
      if (token.kind === 'text') {
        nodes.push({ kind: 'text', text: token.text })
        continue
      }
      const word = this.#peek()
      const keyword = word?.kind === 'word' ? word.name : ''
      if (keyword === 'end' || keyword === 'else') {
        this.#take()
        this.#depth--
        return { nodes, ended: keyword }
      }
      nodes.push(...this.#parseAction(keyword))
    }
    this.#depth--
    return { nodes, ended: null }
  }

  #parseAction(keyword: string): TemplateNode[] {
    switch (keyword) {
      case 'if':
      case 'with':
      case 'range':
        this.#take()
        return [this.#parseBlock(keyword)]
      case 'define':
        this.#take()
        this.#parseDefinition()
        return []
      case 'template':
        this.#take()
        return [this.#parseCall()]
      default: {
        const pipeline = this.#parsePipeline()
        this.#close()
        return [{ kind: 'print', pipeline }]
      }
    }
  }

  #parseBlock(kind: 'if' | 'with' | 'range'): TemplateNode {
    const pipeline = this.#parsePipeline()
    this.#close()
    const { nodes: body, ended } = this.#parseNodes()
    if (ended === null) throw new TemplateError(`{{${kind}}} without {{end}}`)
    return {
      kind,
      pipeline,
      body,
      otherwise: ended === 'else' ? this.#parseElse(kind) : this.#closed(),
    }
  }

  #parseElse(kind: 'if' | 'with' | 'range'): readonly TemplateNode[] {
    const next = this.#peek()
    if (next?.kind === 'word' && next.name === kind && kind !== 'range') {
      this.#take()
      return [this.#parseBlock(kind)]
    }
    this.#close()
    const { nodes, ended } = this.#parseNodes()
    if (ended !== 'end') throw new TemplateError(`{{else}} of {{${kind}}} without {{end}}`)
    this.#close()
    return nodes
  }

  #closed(): readonly TemplateNode[] {
    this.#close()
    return []
  }

  #parseDefinition(): void {
    const name = this.#string()
    this.#close()
    const { nodes, ended } = this.#parseNodes()
    if (ended !== 'end') throw new TemplateError('{{define}} without {{end}}')
    this.#close()
    this.definitions.set(name, nodes)
  }

  #parseCall(): TemplateNode {
    const name = this.#string()
    const pipeline = this.#peek()?.kind === 'close' ? null : this.#parsePipeline()
    this.#close()
    return { kind: 'template', name, pipeline }
  }

  #parsePipeline(): Pipeline {
    const { declares, assigns } = this.#parseDeclaration()
    const stages = [this.#parseStage()]
    while (this.#takeSymbol('|')) stages.push(this.#parseStage())
    return { declares, assigns, stages }
  }

  /** `$a := `, `$a, $b := ` or `$a = `; nothing when it is none. */
  #parseDeclaration(): { declares: readonly string[]; assigns: boolean } {
    const begin = this.#next
    const declares: string[] = []
    do {
      const token = this.#take()
      if (token?.kind !== 'variable') break
      declares.push(token.name)
    } while (this.#takeSymbol(','))
    const assigns = declares.length > 0 && this.#takeSymbol('=')
    if (assigns || (declares.length > 0 && this.#takeSymbol(':='))) return { declares, assigns }
    this.#next = begin
    return { declares: [], assigns: false }
  }

  #parseStage(): Stage {
    const operands: Operand[] = []
    for (let operand = this.#parseOperand(); operand !== null; operand = this.#parseOperand()) {
      operands.push(operand)
    }
    if (operands.length === 0) throw new TemplateError('missing value for command')
    return { operands }
  }

  #parseOperand(): Operand | null {
    const token = this.#peek()
    switch (token?.kind) {
      case 'string':
      case 'number':
        this.#take()
        return { kind: 'constant', value: token.value }
      case 'variable':
        this.#take()
        return { kind: 'value', variable: token.name, fields: this.#parseFields() }
      case 'field':
        this.#take()
        return {
          kind: 'value',
          variable: null,
          fields: [...fieldOf(token.name), ...this.#parseFields()],
        }
      case 'word':
        this.#take()
        return this.#parseWord(token.name)
      case 'symbol':
        return token.symbol === '(' ? this.#parseParentheses() : null
      default:
        return null
    }
  }

  #parseWord(name: string): Operand {
    const constant = CONSTANTS[name]
    if (constant !== undefined) return { kind: 'constant', value: constant }
    if (!this.#functions.has(name))
      throw new TemplateError(`function ${JSON.stringify(name)} not defined`)
    return { kind: 'function', name }
  }

  #parseParentheses(): Operand {
    this.#take()
    if (++this.#depth > MAX_DEPTH) throw new TemplateError(`nested deeper than ${MAX_DEPTH} levels`)
    const pipeline = this.#parsePipeline()
    this.#depth--
    if (!this.#takeSymbol(')')) throw new TemplateError('a parenthesis is not closed')
    return { kind: 'pipeline', pipeline, fields: this.#parseFields() }
  }

  #parseFields(): string[] {
    const fields: string[] = []
    for (
      let token = this.#peek();
      token?.kind === 'field' && token.attached;
      token = this.#peek()
    ) {
      this.#take()
      fields.push(...fieldOf(token.name))
    }
    return fields
  }

  #string(): string {
    const token = this.#take()
    if (token?.kind !== 'string') throw new TemplateError('a name in quotes is missing')
    return token.value
  }

  #close(): void {
    const token = this.#take()
    if (token?.kind !== 'close')
      throw new TemplateError(`unexpected ${token === undefined ? 'end' : token.kind} in an action`)
  }

  #takeSymbol(symbol: string): boolean {
    const token = this.#peek()
    if (token?.kind !== 'symbol' || token.symbol !== symbol) return false
    this.#next++
    return true
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#next]
  }

  #take(): Token | undefined {
    return this.#tokens[this.#next++]
  }
}

function fieldOf(name: string): string[] {
  return name === '' ? [] : [name]
}
