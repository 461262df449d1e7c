import { describe, expect, it } from 'vitest'
import { readWholeFile, seededRandom } from '../../kit/index.ts'
import type { SimDisk } from '../../kit/testing.ts'
import { createSimDisk } from '../../kit/testing.ts'
import { HistoryError } from '../history.ts'
import { SigningKeyFiles } from './signing-key-files.ts'

const ORIGIN = 'glasslog/cluster-1'

async function setting(): Promise<{ disk: SimDisk; files: () => SigningKeyFiles }> {
  const disk = createSimDisk()
  await disk.makeDirectory('/audit')
  const random = seededRandom(3)
  return { disk, files: () => new SigningKeyFiles({ disk, directory: '/audit', random }) }
}

const published = async (disk: SimDisk): Promise<string | undefined> =>
  (await readWholeFile(disk, '/audit/checkpoint.pub'))?.toString().trim()

describe('the signing key on disk', () => {
  it('is made once, and its verifier key is there for everybody', async () => {
    const { disk, files } = await setting()
    const signer = await files().create(ORIGIN)
    expect((await files().create(ORIGIN)).id).toBe(signer.id)
    expect(await published(disk)).toBe(signer.verifier.text)
    expect((await files().load(signer.verifier.text)).id).toBe(signer.id)
  })

  it('changes with a rotation, also when the process dies in the middle of it', async () => {
    for (const dies of [false, true]) {
      const { disk, files } = await setting()
      await files().create(ORIGIN)
      const next = await files().prepareNext(ORIGIN)
      if (!dies) await files().commitNext(next)
      // The record of the rotation is in the history either way.
      expect((await files().load(next.verifier.text)).id).toBe(next.id)
      expect(await published(disk)).toBe(next.verifier.text)
      expect((await files().load(next.verifier.text)).id).toBe(next.id)
    }
  })

  it('stays when the rotation never came into the history', async () => {
    const { files } = await setting()
    const signer = await files().create(ORIGIN)
    await files().prepareNext(ORIGIN)
    expect((await files().load(signer.verifier.text)).id).toBe(signer.id)
  })

  it('of a rotation that nobody knows the outcome of is not lost when somebody tries again', async () => {
    const { files } = await setting()
    await files().create(ORIGIN)
    const next = await files().prepareNext(ORIGIN)
    await files().prepareNext(ORIGIN)
    expect((await files().load(next.verifier.text)).id).toBe(next.id)
    expect((await files().prepareNext(ORIGIN)).id).not.toBe(next.id)
  })

  it('is not what follows it, when the process died before the file of the next one was gone', async () => {
    const { disk, files } = await setting()
    const signer = await files().create(ORIGIN)
    const file = await disk.open('/audit/checkpoint.key.next', 'create')
    await file.write([Buffer.from(`${signer.secretText}\n`)], 0)
    expect((await files().prepareNext(ORIGIN)).id).not.toBe(signer.id)
  })

  it("is refused when it is another log's, another one, or none at all", async () => {
    const { disk, files } = await setting()
    const signer = await files().create(ORIGIN)
    await expect(files().create('glasslog/other')).rejects.toThrow(HistoryError)
    const other = signer.verifier.text.replace('cluster-1', 'cluster-2')
    await expect(files().load(other)).rejects.toThrow(HistoryError)
    await disk.remove('/audit/checkpoint.key')
    const file = await disk.open('/audit/checkpoint.key', 'create')
    await file.write([Buffer.from('PRIVATE+KEY+secret')], 0)
    await expect(files().load(signer.verifier.text)).rejects.toThrow(/^((?!secret).)*$/)
  })
})
