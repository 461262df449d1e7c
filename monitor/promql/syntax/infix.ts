import type { SyntaxNode } from '@lezer/common'

/**
 * The grammar gives `[5m]`, `offset` and `@` a lower precedence than operators: it reads `a + b offset 5m` as
 * `(a + b) offset 5m`. In the order of the text its nodes are right all the same, so expressions are taken apart
 * into operands, operators and what is written behind operands, and put together anew by Prometheus' precedences.
 */
export type InfixPart =
  | { readonly kind: 'operand'; readonly node: SyntaxNode }
  | { readonly kind: 'sign'; readonly sign: '+' | '-'; readonly from: number }
  /** A node of the kind BinaryExpr, of which the operator and its modifiers count. */
  | { readonly kind: 'operator'; readonly operator: string; readonly node: SyntaxNode }
  /** A node of the kind MatrixSelector, SubqueryExpr, OffsetExpr or StepInvariantExpr, of which all but its first child counts. */
  | { readonly kind: 'suffix'; readonly node: SyntaxNode }

const SUFFIXES: ReadonlySet<string> = new Set([
  'MatrixSelector',
  'SubqueryExpr',
  'OffsetExpr',
  'StepInvariantExpr',
])

/** Takes an expression apart, in the order of the text. */
export function takeApart(node: SyntaxNode, text: string): InfixPart[] {
  if (node.name === 'BinaryExpr') {
    const [left, operator, ...rest] = children(node)
    const right = rest.at(-1)
    return [
      ...takeApart(required(left), text),
      { kind: 'operator', operator: textOf(required(operator), text).toLowerCase(), node },
      ...takeApart(required(right), text),
    ]
  }
  if (SUFFIXES.has(node.name)) {
    return [...takeApart(required(node.firstChild), text), { kind: 'suffix', node }]
  }
  if (node.name === 'UnaryExpr') {
    const [sign, operand] = children(node)
    return [
      signPart(textOf(required(sign), text), node.from),
      ...takeApart(required(operand), text),
    ]
  }
  const literal = textOf(node, text)
  if (node.name === 'NumberDurationLiteral' && /^[+-]/.test(literal)) {
    return [signPart(literal, node.from), { kind: 'operand', node }]
  }
  return [{ kind: 'operand', node }]
}

function signPart(text: string, from: number): InfixPart {
  return { kind: 'sign', sign: text.startsWith('-') ? '-' : '+', from }
}

/** How tightly an operator binds; `^` alone groups to the right. A sign binds like a product. */
export function precedenceOf(operator: string): number {
  switch (operator) {
    case 'or':
      return 1
    case 'and':
    case 'unless':
      return 2
    case '+':
    case '-':
      return 4
    case '*':
    case '/':
    case '%':
    case 'atan2':
      return SIGN_PRECEDENCE
    case '^':
      return POWER_PRECEDENCE
    default:
      return 3
  }
}

export const SIGN_PRECEDENCE = 5
export const POWER_PRECEDENCE = 6

export function children(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = []
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    if (child.name !== 'LineComment') found.push(child)
  }
  return found
}

/** What the grammar says must be there, once it has found no error. */
export function required<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) {
    throw new Error('the PromQL grammar gave an incomplete tree')
  }
  return value
}

function textOf(node: SyntaxNode, text: string): string {
  return text.slice(node.from, node.to)
}
