import { expect, it } from 'vitest'
import { parseExpression } from './parse.ts'
import { syntaxTree } from './syntax-tree.ts'

const treeOf = (expression: string) => syntaxTree(parseExpression(expression))
const named = (name: string) => ({ name: '__name__', type: '=', value: name })
const NOW = { offset: 0, timestamp: null, startOrEnd: null, anchored: false, smoothed: false }
const selector = (name: string) => ({
  ...{ type: 'vectorSelector', name, matchers: [named(name)] },
  ...NOW,
})

it('says all of an expression', () => {
  expect(treeOf('sum by (job) (rate(a{b!="c"}[5m] offset 1h)) / on (x) group_left (y) d')).toEqual({
    type: 'binaryExpr',
    op: '/',
    lhs: {
      type: 'aggregation',
      op: 'sum',
      expr: {
        type: 'call',
        func: { name: 'rate', argTypes: ['matrix'], variadic: 0, returnType: 'vector' },
        args: [
          {
            ...{ type: 'matrixSelector', name: 'a', range: 300_000, ...NOW, offset: 3_600_000 },
            matchers: [{ name: 'b', type: '!=', value: 'c' }, named('a')],
          },
        ],
      },
      param: null,
      grouping: ['job'],
      without: false,
    },
    rhs: selector('d'),
    matching: {
      card: 'many-to-one',
      labels: ['x'],
      on: true,
      include: ['y'],
      fillValues: { lhs: null, rhs: null },
    },
    bool: false,
  })
})

it.each<[string, object]>([
  ['"a"', { type: 'stringLiteral', val: 'a' }],
  ['(a)', { type: 'parenExpr', expr: selector('a') }],
  ['-a', { type: 'unaryExpr', op: '-', expr: selector('a') }],
  ['{"a"}', { ...selector('a'), name: '' }],
  ['{__name__="a"}', { ...selector('a'), name: '' }],
  ['a @ 1.5', { ...selector('a'), timestamp: 1_500 }],
  ['a @ end()', { ...selector('a'), startOrEnd: 'end' }],
  ['topk(3, a)', { op: 'topk', param: { type: 'numberLiteral', val: '3' } }],
  ['sum without (b) (a)', { grouping: ['b'], without: true }],
  ['1 > bool 2', { op: '>', matching: null, bool: true }],
  ['a > 2', { matching: null, bool: false }],
  ['a and b', { matching: { card: 'many-to-many', on: false, labels: [], include: [] } }],
  ['round(a)', { func: { argTypes: ['vector', 'scalar'], variadic: 1 } }],
  ['time()', { func: { argTypes: [], variadic: 0, returnType: 'scalar' }, args: [] }],
  ['label_join(a, "b", "-", "c")', { func: { variadic: -1 } }],
  [
    'a[1h:] @ start()',
    {
      ...{ type: 'subquery', expr: selector('a'), range: 3_600_000, step: 0 },
      ...{ offset: 0, timestamp: null, startOrEnd: 'start' },
    },
  ],
  ['a[1h:1m] offset -5m', { step: 60_000, offset: -300_000 }],
])('%s', (expression, wanted) => {
  expect(treeOf(expression)).toMatchObject(wanted)
})

it.each([
  ['0', '0'],
  ['1', '1'],
  ['120', '120'],
  ['0.25', '0.25'],
  ['123.456', '123.456'],
  ['1e-7', '0.0000001'],
  ['1.5e21', '1500000000000000000000'],
  ['1m', '60'],
  ['Inf', '+Inf'],
  ['NaN', 'NaN'],
  ['-1.5', '-1.5'],
  ['-Inf', '-Inf'],
])('the number %s is %s', (expression, val) => {
  expect(treeOf(expression)).toEqual({ type: 'numberLiteral', val })
})
