import { expect, it } from 'vitest'
import { parseTableArguments } from './arguments.ts'
import { rows } from './rows.ts'

const namesOf = (...args: string[]): readonly string[] =>
  parseTableArguments(args).rows.map(({ name }) => name)

it('takes every row and both sizes when none is named', () => {
  const args = parseTableArguments([])
  expect(args.rows).toEqual(rows)
  expect(args.recordSizes).toEqual([100, 1024])
})

it('takes a row by its name, and all of a broker where that is no row', () => {
  expect(namesOf('--system', 'kafka,rocketmq-flush')).toEqual(['kafka', 'rocketmq-flush'])
  expect(namesOf('--system', 'rabbitmq')).toEqual([
    'rabbitmq-classic',
    'rabbitmq-quorum',
    'rabbitmq-stream',
  ])
})

it.each([
  [['--system', 'pulsar'], 'no row "pulsar"'],
  [['--record-size', '200'], '--record-size takes 100 or 1024'],
  [['--runs', '0'], '--runs takes 1 to 20'],
  [['--seconds', '61'], '--seconds takes 1 to 60'],
  [['--frobnicate'], "Unknown option '--frobnicate'"],
])('refuses %j', (args, message) => {
  expect(() => parseTableArguments(args)).toThrow(message)
})
