import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { replaceFile } from '../../kit/index.ts'
import type { TestAdmin } from '../../test/support/test-admin.ts'
import { startTestAdmin } from '../../test/support/test-admin.ts'
import type { CopyOptions } from './create-backup.ts'
import { createBackup } from './create-backup.ts'
import type { Manifest } from './manifest.ts'
import { readBackup } from './read-backup.ts'
import { restoreBackup } from './restore-backup.ts'
import { batchOf, beginBackup, OPERATOR, whileTimePasses } from './testing.ts'

/** What is not as it was made is found, by its name, and never restored. */

let admin: TestAdmin
let manifest: Manifest
const options = (): CopyOptions => {
  const { disk, time } = admin.broker
  return { disk, ...time, bytesPerSecond: Infinity }
}
const inTime = <Result>(work: Promise<Result>): Promise<Result> =>
  whileTimePasses(admin.broker.time, work)
const verify = (): Promise<Manifest> => inTime(readBackup('/backup', options()))

beforeAll(async () => {
  admin = await startTestAdmin({
    limits: { flushIntervalMs: 100, flushSyncBytes: 1_000, journalFileBytes: 262_144 },
  })
  const { broker, services } = admin
  const topic = await broker.createTopic('orders')
  const log = broker.store.find(topic.id, 0)
  if (!log) throw new Error('the log is not there')
  broker.store.configure(topic.id, { ...log.config, segmentBytes: 2_000 })
  for (let count = 0; count < 30; count++) {
    const batch = batchOf([`value ${count} ${'x'.repeat(200)}`], broker.time.clock.now())
    await inTime(broker.store.append([{ log, batch }], { acks: 'durable' }))
  }
  const source = await inTime(beginBackup(services.backups))
  manifest = await inTime(createBackup(source, '/backup', options()))
  await inTime(services.backups.end(source.cut.id, OPERATOR, { failure: 'it was a test' }))
})
afterAll(() => admin.stop())

/** Changes a file of the backup for as long as `work` takes. */
async function changed(
  path: string,
  change: (bytes: Buffer) => Buffer | null,
  work: () => Promise<void>,
): Promise<void> {
  const { disk } = admin.broker
  const file = await disk.open(path, 'read')
  const bytes = Buffer.alloc(await file.size())
  await file.read(bytes, 0)
  await file.close()
  const fresh = change(Buffer.from(bytes))
  if (fresh === null) await disk.remove(path)
  else await replaceFile(disk, path, fresh)
  try {
    await work()
  } finally {
    await replaceFile(disk, path, bytes)
  }
}

const flip = (position: number) => (bytes: Buffer) => {
  bytes[position] = (bytes[position] ?? 0) ^ 0x10
  return bytes
}

describe('a backup', () => {
  it('is sound as it was made', async () => {
    expect(await verify()).toEqual(manifest)
    expect(manifest.files.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['checkpoint', 'format.json', expect.stringMatching(/^journal\//)]),
    )
    expect(manifest.files.filter(({ path }) => path.endsWith('.log')).length).toBeGreaterThan(2)
  })

  it('names the file in which any byte was changed', async () => {
    for (const { path, sizeBytes } of manifest.files) {
      const positions = new Set([0, 5, 30, sizeBytes >> 1, sizeBytes - 1])
      for (const position of positions) {
        if (position < 0 || position >= sizeBytes) continue
        await changed(`/backup/data/${path}`, flip(position), async () => {
          await expect(verify(), `${path} at ${position}`).rejects.toThrow(path)
        })
      }
    }
  })

  it('names the manifest when that was changed, or its checksum', async () => {
    await changed('/backup/manifest.json', flip(200), async () => {
      await expect(verify()).rejects.toThrow(/manifest\.json is not what manifest\.sha256 says/)
    })
    await changed('/backup/manifest.sha256', flip(3), async () => {
      await expect(verify()).rejects.toThrow(/manifest\.sha256/)
    })
  })

  it('names a file that is missing, or has another size', async () => {
    for (const { path } of manifest.files) {
      await changed(
        `/backup/data/${path}`,
        () => null,
        async () => {
          await expect(verify()).rejects.toThrow(`${path} is missing`)
        },
      )
    }
    const [{ path } = { path: '' }] = manifest.files
    await changed(
      `/backup/data/${path}`,
      (bytes) => bytes.subarray(1),
      async () => {
        await expect(verify()).rejects.toThrow(path)
      },
    )
  })

  it('without a manifest did not come to its end', async () => {
    await changed(
      '/backup/manifest.json',
      () => null,
      async () => {
        await expect(verify()).rejects.toThrow(/did not come to its end/)
      },
    )
  })

  it('of a newer version is refused', async () => {
    const newer = (bytes: Buffer): Buffer =>
      Buffer.from(bytes.toString().replace('"version": 1', '"version": 2'))
    await changed('/backup/manifest.json', newer, async () => {
      await expect(verify()).rejects.toThrow(/has format 2; this program knows 1/)
    })
  })
})

describe('a restore', () => {
  it('of a damaged backup leaves a directory that no broker starts on, and can be done again', async () => {
    const { disk } = admin.broker
    const last = manifest.files.at(-1)?.path ?? ''
    await changed(`/backup/data/${last}`, flip(70), async () => {
      const attempt = inTime(restoreBackup('/backup', '/again', options()))
      await expect(attempt).rejects.toThrow(last)
    })
    expect(await disk.exists('/again/restoring')).toBe(true)
    await inTime(restoreBackup('/backup', '/again', options()))
    expect(await disk.exists('/again/restoring')).toBe(false)
  })

  it('goes into no directory that has something', async () => {
    await inTime(admin.broker.disk.makeDirectory('/full/of'))
    const attempt = inTime(restoreBackup('/backup', '/full', options()))
    await expect(attempt).rejects.toThrow(/is not empty/)
  })

  it('takes nothing away that came while it began', async () => {
    const { disk } = admin.broker
    const slow = {
      ...options(),
      disk: new Proxy(disk, {
        get(target, name) {
          if (name !== 'lock') {
            const member: unknown = Reflect.get(target, name)
            return typeof member === 'function' ? member.bind(target) : member
          }
          return async (path: string) => {
            await target.makeDirectory('/meanwhile/topics')
            return target.lock(path)
          }
        },
      }),
    }
    const attempt = inTime(restoreBackup('/backup', '/meanwhile', slow))
    await expect(attempt).rejects.toThrow(/is not empty: it has topics/)
    expect(await disk.list('/meanwhile')).toContain('topics')
  })

  it('waits for nobody who uses the directory', async () => {
    const { disk } = admin.broker
    await disk.makeDirectory('/used')
    const lock = await disk.lock('/used/lock')
    const attempt = inTime(restoreBackup('/backup', '/used', options()))
    await expect(attempt).rejects.toThrow(/another process uses/)
    await lock?.release()
  })
})

describe('making one', () => {
  it('leaves nothing when the disk is full in the middle', async () => {
    const { disk } = admin.broker
    const { services } = admin
    const source = await inTime(beginBackup(services.backups))
    const { plan } = disk
    disk.plan = ({ kind, path }) =>
      kind === 'write' && path.startsWith('/no-room/data/topics')
        ? { kind: 'error', code: 'ENOSPC' }
        : { kind: 'proceed' }
    await expect(inTime(createBackup(source, '/no-room', options()))).rejects.toThrow('ENOSPC')
    disk.plan = plan
    expect(await disk.list('/no-room')).toEqual([])
    await inTime(services.backups.end(source.cut.id, OPERATOR, { failure: 'no space' }))
  })

  it('is refused while another one is made, and the attempt is a record', async () => {
    const { services } = admin
    const source = await inTime(beginBackup(services.backups))
    const begun = await inTime(
      services.backups.begin(OPERATOR, { validateOnly: false, reason: undefined }),
    )
    expect(begun).toMatchObject({ cut: null, outcome: { error: 'DUPLICATE_RESOURCE' } })
    await inTime(services.backups.end(source.cut.id, OPERATOR, { failure: 'it was a test' }))
    const again = await inTime(beginBackup(services.backups))
    await inTime(services.backups.end(again.cut.id, OPERATOR, { failure: 'it was a test' }))
    const gone = await inTime(services.backups.end(again.cut.id, OPERATOR, { failure: 'twice' }))
    expect(gone.error).toBe('RESOURCE_NOT_FOUND')
  })
})
