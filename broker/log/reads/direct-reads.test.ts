import { describe, expect, it } from 'vitest'
import { DIRECT_ALIGNMENT_BYTES } from '../../../kit/index.ts'
import type { SimDisk } from '../../../kit/testing.ts'
import { createSimDisk, createSimTime } from '../../../kit/testing.ts'
import { FileCache } from '../segments/file-cache.ts'
import { DIRECT_PIECE_BYTES, DirectReads } from './direct-reads.ts'
import { DiskTurns } from './disk-turns.ts'
import { LARGEST_READ_BYTES, ReadBuffers } from './read-buffers.ts'

const FILE_BYTES = 2 * LARGEST_READ_BYTES + 77

async function create(disk: SimDisk = createSimDisk()) {
  const bytes = Buffer.from(new Uint8Array(FILE_BYTES).map((_, i) => i % 251))
  const file = await disk.open('/a', 'create')
  await file.write([bytes], 0)
  const appends = { areWaiting: false }
  const turns = new DiskTurns({ areAppendsWaiting: () => appends.areWaiting, ...createSimTime() })
  turns.next()
  const reads = new DirectReads(new FileCache(disk, 8), turns)
  const take = (sizeBytes: number): Buffer => new ReadBuffers(0).take(sizeBytes)
  return { disk, bytes, appends, turns, reads, take }
}

describe('reads past the page cache', () => {
  it.each([
    ['whole blocks', 0, 15 * DIRECT_ALIGNMENT_BYTES],
    ['within a block', 100, 40_000],
    ['over several pieces', 4095, LARGEST_READ_BYTES - 2 * DIRECT_ALIGNMENT_BYTES],
    ['up to the end of the file', FILE_BYTES - 50_000, 60_000],
    ['at the end of the file', FILE_BYTES, 60_000],
  ])('gives %s', async (_, position, sizeBytes) => {
    const { bytes, reads, take } = await create()
    const found = await reads.read('/a', position, sizeBytes, take(sizeBytes))
    expect(found?.equals(bytes.subarray(position, position + sizeBytes))).toBe(true)
  })

  it('gives a little less where the buffer has no room for the blocks at both ends', async () => {
    const { bytes, reads, take } = await create()
    const found = await reads.read('/a', 1, LARGEST_READ_BYTES, take(LARGEST_READ_BYTES))
    expect(found?.equals(bytes.subarray(1, LARGEST_READ_BYTES))).toBe(true)
  })

  it('waits for its turn before each piece', async () => {
    const { disk, appends, turns, reads, take } = await create()
    let pieces = 0
    disk.plan = ({ kind }) => {
      if (kind === 'read') pieces++
      return { kind: 'proceed' }
    }
    appends.areWaiting = true
    const reading = reads.read('/a', 0, 3 * DIRECT_PIECE_BYTES, take(3 * DIRECT_PIECE_BYTES))
    for (const expected of [0, 1, 2, 3]) {
      await new Promise((resolve) => setImmediate(resolve))
      expect(pieces).toBe(expected)
      turns.next()
    }
    expect((await reading)?.length).toBe(3 * DIRECT_PIECE_BYTES)
  })

  it('leaves reading to the kernel when nobody appends', async () => {
    const disk = createSimDisk()
    await disk.open('/a', 'create')
    const turns = new DiskTurns({ areAppendsWaiting: () => false, ...createSimTime() })
    const reads = new DirectReads(new FileCache(disk, 8), turns)
    const { callCount } = disk
    expect(await reads.read('/a', 0, 40_000, new ReadBuffers(0).take(40_000))).toBeUndefined()
    expect(disk.callCount).toBe(callCount)
  })

  it('says so once where the file system cannot do it, and asks no more', async () => {
    const { disk, reads, take } = await create()
    disk.plan = ({ kind }) =>
      kind === 'read' ? { kind: 'error', code: 'EINVAL' } : { kind: 'proceed' }
    expect(await reads.read('/a', 0, 40_000, take(40_000))).toBeUndefined()
    const { callCount } = disk
    expect(await reads.read('/a', 0, 40_000, take(40_000))).toBeUndefined()
    expect(disk.callCount).toBe(callCount)
  })

  it('asks again after a buffer that begins or ends within a block, or of which nobody knows', async () => {
    const { disk, bytes, reads, take } = await create()
    const aligned = take(40_000)
    const { callCount } = disk
    for (const buffer of [
      aligned.subarray(1, 1 + DIRECT_ALIGNMENT_BYTES),
      aligned.subarray(0, DIRECT_ALIGNMENT_BYTES + 1),
      Buffer.allocUnsafeSlow(aligned.length),
    ]) {
      expect(await reads.read('/a', 0, 4096, buffer)).toBeUndefined()
    }
    expect(disk.callCount).toBe(callCount)
    const found = await reads.read('/a', 0, 40_000, aligned)
    expect(found?.equals(bytes.subarray(0, 40_000))).toBe(true)
  })

  it('passes on what the disk says otherwise', async () => {
    const { disk, reads, take } = await create()
    disk.plan = ({ kind }) =>
      kind === 'read' ? { kind: 'error', code: 'EIO' } : { kind: 'proceed' }
    await expect(reads.read('/a', 0, 40_000, take(40_000))).rejects.toMatchObject({ code: 'EIO' })
  })
})
