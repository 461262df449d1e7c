import { describe, expect, it } from 'vitest'
import type { AlterListener } from '../commands.ts'
import { exampleContext, exampleState } from './fixture.ts'
import { decideAlterListener } from './listeners.ts'

const settings = {
  ...({ to: 'settings', host: '127.0.0.1', port: 9094, advertised: null } as const),
  protocol: 'SASL_SSL',
}
const alter = (name: string, change: AlterListener['change']): AlterListener => ({
  ...{ kind: 'listener.alter', name, change },
})

/** Alice comes by PLAINTEXT; there is ADMIN too. */
function decided(command: AlterListener, state = exampleState()) {
  return decideAlterListener(state, command, exampleContext())
}

describe('listener.alter', () => {
  it('adds a listener, changes it, and forgets it', () => {
    const state = exampleState()
    const added = decided(alter('OUTSIDE', settings), state)
    expect(added).toMatchObject({
      error: 'NONE',
      resource: { kind: 'listener', name: 'OUTSIDE', id: null },
      before: null,
      after: { name: 'OUTSIDE', port: 9094, protocol: 'SASL_SSL', isRemoved: false },
      reversal: 'full',
    })
    const { to: _, ...set } = settings
    state.tables.listeners.set('OUTSIDE', { name: 'OUTSIDE', ...set, isRemoved: false })
    const moved = decided(alter('OUTSIDE', { ...settings, port: 9095 }), state)
    expect(moved).toMatchObject({ error: 'NONE', before: { port: 9094 }, after: { port: 9095 } })
    const gone = decided(alter('OUTSIDE', { to: 'removed' }), state)
    expect(gone).toMatchObject({ error: 'NONE', after: null, result: null })
  })

  it('remembers that a configured listener was removed, until it is as configured again', () => {
    const state = exampleState()
    const removed = decided(alter('ADMIN', { to: 'removed' }), state)
    expect(removed).toMatchObject({ error: 'NONE', after: { name: 'ADMIN', isRemoved: true } })
    state.tables.listeners.set('ADMIN', { name: 'ADMIN', isRemoved: true })
    const back = decided(alter('ADMIN', { to: 'configured' }), state)
    expect(back).toMatchObject({ error: 'NONE', after: null, result: { port: 9093 } })
  })

  it.each([
    ['a name that is none', alter('a b', settings), 'INVALID_REQUEST'],
    ['a host that is none', alter('X', { ...settings, host: 'a b' }), 'INVALID_REQUEST'],
    ['a port that is none', alter('X', { ...settings, port: 70_000 }), 'INVALID_REQUEST'],
    [
      'an advertised host that is none',
      alter('X', { ...settings, advertised: { host: '', port: 1 } }),
      'INVALID_REQUEST',
    ],
    ['one that is not there', alter('X', { to: 'removed' }), 'RESOURCE_NOT_FOUND'],
    ['a door open to everybody', alter('X', { ...settings, host: '0.0.0.0' }), 'INVALID_CONFIG'],
    ['the one that one came by', alter('PLAINTEXT', { to: 'removed' }), 'POLICY_VIOLATION'],
    ['another port of the one that one came by', alter('PLAINTEXT', settings), 'POLICY_VIOLATION'],
  ] as const)('refuses %s', (_, command, error) => {
    expect(decided(command)).toMatchObject({ error })
  })

  it('lets one change what clients are told of the listener that one came by', () => {
    const same = { ...settings, port: 9092, protocol: 'PLAINTEXT' }
    const advertised = { host: 'broker.example', port: 443 }
    expect(decided(alter('PLAINTEXT', { ...same, advertised }))).toMatchObject({ error: 'NONE' })
  })

  it('refuses to remove the last one, whoever asks', () => {
    const state = exampleState()
    state.tables.listeners.set('PLAINTEXT', { name: 'PLAINTEXT', isRemoved: true })
    expect(decided(alter('ADMIN', { to: 'removed' }), state)).toMatchObject({
      error: 'POLICY_VIOLATION',
      message: 'ADMIN is the last listener.',
    })
  })
})
