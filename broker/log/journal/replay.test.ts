import { expect, test } from 'vitest'
import type { SimDisk } from '../../../kit/testing.ts'
import { createSimDisk } from '../../../kit/testing.ts'
import { JOURNAL_HEADER_BYTES, putJournalHeader } from './file-header.ts'
import { FRAME_MAGIC, frameSizeBytes, sealFrame } from './frame.ts'
import { replayJournal } from './replay.ts'

const FRAME_BYTES = frameSizeBytes(0, 0)
const NONCE = 0x1234_5678
const PATH = '/journal/000001.journal'

/** A file of empty frames; each names the one before it as durable. */
function journalFile(fileId: number, firstSequence: number, count: number): Buffer {
  const bytes = Buffer.alloc(JOURNAL_HEADER_BYTES + 8 * FRAME_BYTES)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  putJournalHeader(bytes, view, 0, { fileId, firstSequence, nonce: NONCE })
  for (let i = 0; i < count; i++) {
    const sequence = firstSequence + i
    const frame = { fileId, nonce: NONCE, sequence, durableSequence: sequence - 1, entryCount: 0 }
    sealFrame(bytes, view, JOURNAL_HEADER_BYTES + i * FRAME_BYTES, {
      ...frame,
      lengthBytes: FRAME_BYTES,
    })
  }
  return bytes
}

async function diskWith(bytes: Buffer): Promise<SimDisk> {
  const disk = createSimDisk()
  await disk.makeDirectory('/journal')
  const file = await disk.open(PATH, 'create')
  await file.write([bytes], 0)
  await file.close()
  return disk
}

async function replay(disk: SimDisk, replayFrom: number, firstFileId = 1) {
  const sequences: number[] = []
  const end = await replayJournal(disk, '/journal', replayFrom, firstFileId, async (frame) => {
    sequences.push(frame.sequence)
  })
  return { ...end, sequences }
}

/** The second half of `former`'s frames under the first half of `next`'s, and the former header. */
function overwritten(former: Buffer, next: Buffer): Buffer {
  const bytes = Buffer.from(former)
  next.copy(
    bytes,
    JOURNAL_HEADER_BYTES,
    JOURNAL_HEADER_BYTES,
    JOURNAL_HEADER_BYTES + 2 * FRAME_BYTES,
  )
  return bytes
}

test('a free file that was being overwritten when power was lost is not damage', async () => {
  const disk = await diskWith(overwritten(journalFile(7, 116, 6), journalFile(8, 122, 2)))
  const { sequences, nextSequence } = await replay(disk, 122)
  expect(sequences).toEqual([])
  expect(nextSequence).toBe(122)
})

test('the same bytes are damage when the former frames are needed', async () => {
  const disk = await diskWith(overwritten(journalFile(7, 116, 6), journalFile(8, 122, 2)))
  await expect(replay(disk, 116)).rejects.toThrow('frame 116')
})

test('new files get ids that no frame has whose header was lost', async () => {
  const disk = await diskWith(overwritten(journalFile(7, 116, 6), journalFile(8, 122, 2)))
  const { nextFileId } = await replay(disk, 122, 8)
  expect(nextFileId).toBeGreaterThan(8)
})

test('what it hands out is durable, also when only the process had died before', async () => {
  const disk = await diskWith(journalFile(1, 1, 3))
  await disk.syncDirectory('/')
  await disk.syncDirectory('/journal')
  disk.stop()
  const again = disk.afterCrash({ kind: 'process-kill' })
  expect((await replay(again, 1)).sequences).toEqual([1, 2, 3])
  again.stop()
  expect((await replay(again.afterCrash({ kind: 'nothing' }), 1)).sequences).toEqual([1, 2, 3])
})

test('records that look like frames are not taken for any, and cost no time', async () => {
  const bytes = Buffer.concat([journalFile(3, 10, 2), Buffer.alloc(1024 * 1024)])
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const from = JOURNAL_HEADER_BYTES + 2 * FRAME_BYTES
  // One that would prove the end of the journal to be damage, and many with a checksum over the rest.
  sealFrame(bytes, view, from + 8, {
    fileId: 3,
    nonce: NONCE + 1,
    sequence: 1_000_000,
    durableSequence: 999_999,
    entryCount: 0,
    lengthBytes: FRAME_BYTES,
  })
  for (let at = from + 8 + FRAME_BYTES; at + FRAME_BYTES <= bytes.length; at += FRAME_BYTES) {
    view.setUint32(at, FRAME_MAGIC)
    view.setUint32(at + 12, 10_000)
    view.setUint32(at + 32, 0xffff_ffff)
  }
  const { sequences, nextSequence } = await replay(await diskWith(bytes), 10)
  expect(sequences).toEqual([10, 11])
  expect(nextSequence).toBe(12)
})
