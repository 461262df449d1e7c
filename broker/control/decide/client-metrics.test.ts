import { describe, expect, it } from 'vitest'
import type { ConfigChange } from '../commands.ts'
import { decideAlterClientMetrics } from './client-metrics.ts'
import { exampleState } from './fixture.ts'

const set = (name: string, value: string): ConfigChange => ({ op: 'set', name, value })

function decided(
  changes: readonly ConfigChange[],
  { name = 'all', mode = 'incremental', state = exampleState() } = {},
) {
  const command = { kind: 'client-metrics.alter', name, changes } as const
  return decideAlterClientMetrics(state, {
    ...command,
    mode: mode === 'replace' ? 'replace' : 'incremental',
  })
}

describe('client-metrics.alter', () => {
  it('makes a subscription by setting something of it', () => {
    expect(decided([set('metrics', '*'), set('interval.ms', '5000')])).toEqual({
      error: 'NONE',
      resource: { kind: 'client-metrics', name: 'all', id: null },
      before: null,
      after: { configs: { metrics: '*', 'interval.ms': '5000' } },
      reversal: 'full',
      result: { metrics: '*', 'interval.ms': '5000' },
    })
  })

  it('changes it bit by bit or as a whole, and it is gone with the last bit', () => {
    const state = exampleState()
    state.tables.clientMetrics.set('all', { metrics: 'a.', match: 'client_id=x' })
    const append: ConfigChange = { op: 'append', name: 'metrics', value: 'b.' }
    expect(decided([append], { state })).toMatchObject({
      after: { configs: { metrics: 'a.,b.', match: 'client_id=x' } },
    })
    const one = [set('interval.ms', '100')]
    expect(decided(one, { state, mode: 'replace' })).toMatchObject({
      after: { configs: { 'interval.ms': '100' } },
    })
    const none: readonly ConfigChange[] = [
      { op: 'delete', name: 'metrics' },
      { op: 'delete', name: 'match' },
      { op: 'delete', name: 'interval.ms' },
    ]
    expect(decided(none, { state })).toMatchObject({ error: 'NONE', after: null, result: null })
  })

  it.each([
    [[set('interval.ms', '99')], 'INVALID_REQUEST', 'interval.ms'],
    [[set('interval.ms', '3600001')], 'INVALID_REQUEST', 'interval.ms'],
    [[set('interval.ms', 'often')], 'INVALID_CONFIG', 'interval.ms'],
    [[set('color', 'blue')], 'INVALID_REQUEST', 'Unknown client metrics configuration: color'],
    [[set('match', 'client_id')], 'INVALID_CONFIG', 'Illegal client matching pattern: client_id'],
    [[set('match', 'name=x')], 'INVALID_CONFIG', 'Illegal client matching pattern: name=x'],
    [[set('match', 'client_id=a=b')], 'INVALID_CONFIG', 'client_id=a=b'],
    [[set('match', 'client_id=a(')], 'INVALID_CONFIG', 'client_id=a('],
    [[set('match', 'client_id=')], 'INVALID_CONFIG', 'client_id='],
  ] as const)('refuses %j with %s', (changes, error, message) => {
    expect(decided(changes)).toMatchObject({ error, message: expect.stringContaining(message) })
  })

  it('refuses a name that is none, or too long', () => {
    const changes = [set('metrics', '*')]
    expect(decided(changes, { name: '' })).toMatchObject({ error: 'INVALID_REQUEST' })
    expect(decided(changes, { name: 'x'.repeat(250) })).toMatchObject({ error: 'INVALID_REQUEST' })
  })

  it('refuses more subscriptions than every client can be compared with', () => {
    const state = exampleState()
    for (let n = 0; n < 1000; n++) state.tables.clientMetrics.set(`s-${n}`, { metrics: '*' })
    const changes = [set('metrics', '*')]
    expect(decided(changes, { state })).toMatchObject({ error: 'POLICY_VIOLATION' })
    expect(decided(changes, { state, name: 's-7' })).toMatchObject({ error: 'NONE' })
  })

  it('takes time in proportion to what a client is called, whatever the pattern', () => {
    expect(decided([set('match', 'client_id=(a+)+$')])).toMatchObject({ error: 'NONE' })
  })
})
