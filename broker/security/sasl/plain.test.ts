import { beforeEach, describe, expect, it } from 'vitest'
import { TestCredentials } from '../testing.ts'
import { DecoyKeys } from './decoy-keys.ts'
import { PlainServer, parsePlain } from './plain-server.ts'
import { WorkQueue } from './work-queue.ts'

let credentials: TestCredentials
beforeEach(async () => {
  credentials = new TestCredentials()
  await credentials.addUser('alice', 'wonderland', 'SCRAM-SHA-256')
  await credentials.addUser('bob', 'builder', 'SCRAM-SHA-512')
})

function logIn(token: string) {
  const decoys = new DecoyKeys(Buffer.alloc(32, 7))
  const server = new PlainServer({ credentials, decoys, derivations: new WorkQueue(2) })
  return server.evaluate(Buffer.from(token))
}

describe('PLAIN', () => {
  it.each([
    ['\0alice\0wonderland', 'User:alice'],
    ['alice\0alice\0wonderland', 'User:alice'],
    ['\0bob\0builder', 'User:bob'],
  ])('takes the password that SCRAM keys were made of: %j', async (token, principal) => {
    expect(await logIn(token)).toMatchObject({
      kind: 'authenticated',
      identity: { principal, mechanism: 'PLAIN' },
    })
  })

  it.each([
    ['a wrong password', '\0alice\0builder', 'alice'],
    ['no password', '\0alice\0', null],
    ['a user that does not exist', '\0mallory\0wonderland', 'mallory'],
    ['somebody who would act for another one (CVE-2017-12610)', 'bob\0alice\0wonderland', 'alice'],
    ['two fields', 'alice\0wonderland', null],
    ['four fields', '\0alice\0wonderland\0', null],
    ['nothing', '', null],
    ['a password that would take long to hash', `\0alice\0${'x'.repeat(1025)}`, null],
  ])('refuses %s, always in the same words', async (_, token, claimedUser) => {
    const message = 'Authentication failed: Invalid username or password'
    expect(await logIn(token)).toEqual({ kind: 'failed', message, claimedUser })
  })

  it('splits at zero bytes', () => {
    expect(parsePlain(Buffer.from('a\0b\0c'))).toEqual({
      authorizationId: 'a',
      user: 'b',
      password: 'c',
    })
  })
})

describe('a work queue', () => {
  it('runs so many pieces at once, in order, and goes on after one that fails', async () => {
    const queue = new WorkQueue(2)
    const log: string[] = []
    const gates = new Map<string, PromiseWithResolvers<void>>()
    const piece = (name: string) => {
      const gate = Promise.withResolvers<void>()
      gates.set(name, gate)
      return queue.run(async () => {
        log.push(name)
        await gate.promise
      })
    }
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(piece)
    expect(log).toEqual(['a', 'b'])
    gates.get('a')?.reject(new Error('no'))
    await expect(a).rejects.toThrow('no')
    await Promise.resolve()
    expect(log).toEqual(['a', 'b', 'c'])
    for (const gate of gates.values()) gate.resolve()
    await Promise.all([b, c, d])
    expect(log).toEqual(['a', 'b', 'c', 'd'])
  })
})
