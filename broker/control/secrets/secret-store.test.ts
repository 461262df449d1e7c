import { describe, expect, it } from 'vitest'
import { ConfigError, seededRandom } from '../../../kit/index.ts'
import type { SimDisk } from '../../../kit/testing.ts'
import { createSimDisk } from '../../../kit/testing.ts'
import { alice, ControlWorld } from '../testing.ts'
import { openSecret, sealSecret } from './secret-cipher.ts'
import { givenSecretKey, secretKeyFile } from './secret-key.ts'

const KEY_FILE = '/data/secrets.key'

const upsert = {
  kind: 'user.scram.upsert',
  name: 'alice',
  mechanism: 'SCRAM-SHA-256',
  iterations: 4096,
  salt: Buffer.from('the salt of alice'),
  storedKey: Buffer.from('the stored key of alice, 32 long'),
  serverKey: Buffer.from('the server key of alice, 32 long'),
} as const

async function worldWithAlice(): Promise<ControlWorld> {
  const world = await ControlWorld.open()
  const { error } = await world.run(upsert)
  expect(error).toBe('NONE')
  return world
}

function secretOf({ control: { state, secrets } }: ControlWorld): string | undefined {
  const reference = state.users.get('alice')?.credentials['SCRAM-SHA-256']
  const secret = reference && secrets.get(reference.secretId)
  return secret && Buffer.from(secret).toString()
}

/** All bytes of all files, the key's own excepted. */
async function bytesOf(disk: SimDisk, directory = '/data'): Promise<Buffer> {
  const parts: Buffer[] = []
  for (const name of await disk.list(directory)) {
    const path = `${directory}/${name}`
    if (path === KEY_FILE) continue
    try {
      const file = await disk.open(path, 'read')
      const bytes = Buffer.alloc(await file.size())
      await file.read(bytes, 0)
      await file.close()
      parts.push(bytes)
    } catch {
      parts.push(await bytesOf(disk, path))
    }
  }
  return Buffer.concat(parts)
}

describe('secrets', () => {
  it('are there after a start, and nowhere on the disk in the open', async () => {
    const world = await worldWithAlice()
    const secret = secretOf(world)
    expect(JSON.parse(secret ?? '')).toEqual({
      salt: upsert.salt.toString('base64'),
      storedKey: upsert.storedKey.toString('base64'),
      serverKey: upsert.serverKey.toString('base64'),
    })
    const next = await world.restart()
    expect(secretOf(next)).toBe(secret)
    await next.stop()
    const disk = await bytesOf(next.disk)
    expect(disk.includes('user.scram.upsert')).toBe(true)
    for (const bytes of [upsert.salt, upsert.storedKey, upsert.serverKey]) {
      expect(disk.includes(bytes)).toBe(false)
      expect(disk.includes(bytes.toString('base64'))).toBe(false)
    }
  })

  it('are erased with what refers to them', async () => {
    const world = await worldWithAlice()
    const mechanism = 'SCRAM-SHA-256'
    await world.run({ kind: 'user.scram.delete', name: 'alice', mechanism })
    expect(world.control.secrets.size).toBe(0)
    const next = await world.restart()
    expect(next.control.secrets.size).toBe(0)
    await next.stop()
  })

  it('are kept neither when the record is refused nor when it is only validated', async () => {
    const world = await worldWithAlice()
    const more = { ...upsert, name: 'bob' }
    await world.control.execute([more], alice, { validateOnly: true })
    const refused = { kind: 'topic.delete', name: 'nobody' } as const
    await world.control.execute([more, refused], alice, { allOrNothing: true })
    expect(world.control.secrets.size).toBe(1)
    expect(world.control.state.users.has('bob')).toBe(false)
    await world.store.close()
    expect(await world.run(more)).toMatchObject({ error: 'KAFKA_STORAGE_ERROR' })
    expect(world.control.secrets.size).toBe(1)
  })

  it('belong to no topic that anybody could ask for', async () => {
    const world = await worldWithAlice()
    expect([...world.control.state.topics.keys()]).toEqual(['__audit', '__events'])
    const id = 'Z2xhc3Nsb2ctc2VjcmV0cw'
    expect(Buffer.from(id, 'base64url').toString()).toBe('glasslog-secrets')
    expect(world.control.state.topicsById.has(id)).toBe(false)
    const create = await world.run({
      ...{ kind: 'topic.create', name: '__secrets', partitionCount: 1, replicationFactor: 1 },
      ...{ assignments: [], configs: [] },
    })
    expect(create.error).toBe('INVALID_REQUEST')
    await world.stop()
  })
})

describe('the key of secrets', () => {
  it('is made once, on first use', async () => {
    const world = await worldWithAlice()
    const source = secretKeyFile(world.disk, KEY_FILE, seededRandom(5))
    const key = await source.read()
    expect(key).toHaveLength(32)
    const next = await world.restart()
    expect(await source.read()).toEqual(key)
    await next.stop()
  })

  it('that is missing stops the start, and says what to do', async () => {
    const world = await worldWithAlice()
    await world.stop()
    await world.disk.remove(KEY_FILE)
    const start = ControlWorld.open({ disk: world.disk })
    await expect(start).rejects.toThrow(ConfigError)
    await expect(start).rejects.toThrow(`put ${KEY_FILE} back`)
    expect(await world.disk.exists(KEY_FILE)).toBe(false)
  })

  it('that is another one stops the start', async () => {
    const world = await worldWithAlice()
    await world.stop()
    await world.disk.remove(KEY_FILE)
    await secretKeyFile(world.disk, KEY_FILE, seededRandom(6)).create()
    const start = ControlWorld.open({ disk: world.disk })
    await expect(start).rejects.toThrow(ConfigError)
    await expect(start).rejects.toThrow('not the one that the secrets were encrypted with')
  })

  it('can be given as secrets-key', async () => {
    const text = Buffer.alloc(32, 'k').toString('base64')
    const source = givenSecretKey('GLASSLOG_SECRETS_KEY', `${text}\n`)
    expect(await source.read()).toEqual(Buffer.alloc(32, 'k'))
    for (const wrong of ['', 'short', Buffer.alloc(31).toString('base64'), `${text.slice(1)}!`]) {
      await expect(givenSecretKey('GLASSLOG_SECRETS_KEY', wrong).read()).rejects.toThrow(
        'GLASSLOG_SECRETS_KEY is not a key',
      )
    }
    const disk = createSimDisk()
    await expect(secretKeyFile(disk, KEY_FILE, seededRandom(1)).read()).resolves.toBeNull()
  })
})

describe('a sealed secret', () => {
  const key = Buffer.alloc(32, 'k')
  const secret = { salt: Buffer.alloc(16, 's'), value: Buffer.from('value') }
  const sealed = sealSecret(key, 'id-1', secret, seededRandom(1))

  it('is opened with its key and its id only', () => {
    expect(openSecret(key, 'id-1', sealed)).toEqual(secret)
    expect(openSecret(key, 'id-2', sealed)).toBeNull()
    expect(openSecret(Buffer.alloc(32, 'x'), 'id-1', sealed)).toBeNull()
  })

  it('is not opened when any byte of it is another one', () => {
    for (let position = 0; position < sealed.length; position++) {
      const changed = Buffer.from(sealed)
      changed.writeUInt8((changed[position] ?? 0) ^ 1, position)
      expect(openSecret(key, 'id-1', changed)).toBeNull()
      expect(openSecret(key, 'id-1', sealed.subarray(0, position))).toBeNull()
    }
  })
})
