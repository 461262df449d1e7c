import { describe, expect, it } from 'vitest'
import { decodeScramSecret } from '../secrets/scram-secret.ts'
import { exampleContext, exampleState } from './fixture.ts'
import { decideDeleteScramCredential, decideUpsertScramCredential } from './users.ts'

const bytes = (size: number, fill: string): Buffer => Buffer.alloc(size, fill)

const upsert = {
  kind: 'user.scram.upsert',
  name: 'alice',
  mechanism: 'SCRAM-SHA-256',
  iterations: 4096,
  salt: bytes(8, 's'),
  storedKey: bytes(32, 'k'),
  serverKey: bytes(32, 'v'),
} as const

describe('user.scram.upsert', () => {
  it('keeps the keys as a secret, and of them only a commitment in the record', () => {
    const decision = decideUpsertScramCredential(exampleState(), upsert, exampleContext())
    if (decision.error !== 'NONE') throw new Error(decision.message)
    const credential = decision.result?.credentials['SCRAM-SHA-256']
    expect(decision).toMatchObject({
      before: null,
      after: { name: 'alice', credentials: { 'SCRAM-SHA-256': { iterations: 4096 } } },
      reversal: 'full',
    })
    const [put] = decision.secrets ?? []
    if (put?.op !== 'put') throw new Error('no secret')
    expect(put.secretId).toBe(credential?.secretId)
    expect(decodeScramSecret(put.value)).toEqual({
      salt: upsert.salt,
      storedKey: upsert.storedKey,
      serverKey: upsert.serverKey,
    })
    const record = JSON.stringify(decision.after)
    for (const secret of [upsert.salt, upsert.storedKey, upsert.serverKey]) {
      expect(record).not.toContain(secret.toString('base64'))
      expect(record).not.toContain(secret.toString())
    }
  })

  it('erases the credential that it replaces, which cannot be taken back', () => {
    const state = exampleState()
    const context = exampleContext()
    const first = decideUpsertScramCredential(state, upsert, context)
    if (first.error !== 'NONE' || !first.result) throw new Error('refused')
    state.tables.users.set('alice', first.result)
    const second = decideUpsertScramCredential(state, upsert, context)
    if (second.error !== 'NONE') throw new Error('refused')
    const replaced = first.result.credentials['SCRAM-SHA-256']?.secretId
    expect(second.secrets?.[1]).toEqual({ op: 'erase', secretId: replaced })
    expect(second.reversal).toBe('none')
    expect(second.result?.credentials['SCRAM-SHA-256']?.secretId).not.toBe(replaced)
  })

  it('gives two users of one password two commitments', () => {
    const context = exampleContext()
    const commitments = ['alice', 'bob'].map((name) => {
      const decision = decideUpsertScramCredential(exampleState(), { ...upsert, name }, context)
      return decision.error === 'NONE' ? JSON.stringify(decision.after).slice(40) : ''
    })
    expect(commitments[0]).not.toBe(commitments[1])
  })

  it.each([
    [{ name: '' }, 'must not be empty'],
    [{ name: 'ANONYMOUS' }, 'everybody who did not log in'],
    [{ name: 'x'.repeat(256) }, 'longer than 255'],
    [{ name: 'a\u0000b' }, 'control characters'],
    [{ name: 'a\ud800b' }, 'control characters'],
    [{ iterations: 4095 }, 'Too few iterations'],
    [{ iterations: 16_385 }, 'Too many iterations'],
    [{ storedKey: bytes(31, 'k') }, 'not one of SCRAM-SHA-256'],
    [{ serverKey: bytes(64, 'k') }, 'not one of SCRAM-SHA-256'],
    [{ salt: bytes(0, 's') }, 'not one of SCRAM-SHA-256'],
  ])('refuses %j: %s', (changes, message) => {
    const command = { ...upsert, ...changes }
    expect(decideUpsertScramCredential(exampleState(), command, exampleContext())).toMatchObject({
      error: 'UNACCEPTABLE_CREDENTIAL',
      message: expect.stringContaining(message),
    })
  })
})

describe('user.scram.delete', () => {
  const reference = { secretId: 'secret-1', commitment: 'c', iterations: 4096 }
  const remove = {
    kind: 'user.scram.delete',
    name: 'alice',
    mechanism: 'SCRAM-SHA-256',
  } as const

  it('removes the user with the last credential', () => {
    const state = exampleState()
    state.tables.users.set('alice', { name: 'alice', credentials: { 'SCRAM-SHA-256': reference } })
    expect(decideDeleteScramCredential(state, remove)).toMatchObject({
      error: 'NONE',
      after: null,
      result: null,
      secrets: [{ op: 'erase', secretId: 'secret-1' }],
    })
  })

  it('leaves the other credential', () => {
    const state = exampleState()
    const other = { ...reference, secretId: 'secret-2' }
    const credentials = { 'SCRAM-SHA-256': reference, 'SCRAM-SHA-512': other }
    state.tables.users.set('alice', { name: 'alice', credentials })
    expect(decideDeleteScramCredential(state, remove)).toMatchObject({
      result: { name: 'alice', credentials: { 'SCRAM-SHA-512': other } },
      secrets: [{ op: 'erase', secretId: 'secret-1' }],
    })
  })

  it('refuses what is not there', () => {
    expect(decideDeleteScramCredential(exampleState(), remove)).toMatchObject({
      error: 'RESOURCE_NOT_FOUND',
    })
  })
})
