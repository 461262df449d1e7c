import { expect, it } from 'vitest'
import { parsePeersArguments } from './arguments.ts'

it('takes only what Kafka tools can do when no load is named', () => {
  const { loads } = parsePeersArguments(['--client', 'kafka-tools'])
  expect(loads.map(({ name }) => name)).not.toContain('both-ways')
  expect(loads.length).toBeGreaterThan(0)
})

it.each([
  [['--pairs', '0'], '--pairs takes 1 to 100'],
  [['--pairs', '1.5'], '--pairs takes 1 to 100'],
  [['--client', 'other'], 'no client "other"'],
  [['--client', 'kafka-tools', '--load', 'both-ways'], 'cannot do all of both-ways'],
  [['--load', 'nonesuch'], 'no load "nonesuch"'],
])('refuses %j', (args, message) => {
  expect(() => parsePeersArguments(args)).toThrow(message)
})
