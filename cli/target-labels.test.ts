import { expect, it } from 'vitest'
import { faultOfTargetLabels, parseTargetLabels } from './target-labels.ts'

it.each([
  ['', {}],
  ['namespace=kafka', { namespace: 'kafka' }],
  [' a = 1 , b=x=y,', { a: '1', b: 'x=y' }],
])('reads %j', (text, labels) => {
  expect(faultOfTargetLabels(text)).toBeNull()
  expect(parseTargetLabels(text)).toEqual(labels)
})

it.each([
  ['namespace', 'not "namespace"'],
  ['a-b=1', 'not "a-b=1"'],
  ['=1', 'not "=1"'],
  ['__name__=x', 'not "__name__=x"'],
  ['a=1,instance=x', 'cannot set instance'],
  ['job=x', 'cannot set job'],
])('refuses %j', (text, fault) => {
  expect(faultOfTargetLabels(text)).toContain(fault)
})
