import { expect, it } from 'vitest'
import { FRAME_HEADER_BYTES, FRAME_MAGIC, frameSizeBytes } from '../journal/frame.ts'
import { writtenJournalBytes } from './written-journal-bytes.ts'

/** A journal file with one frame at its start, whose payload ends with zeros, and zeros to its end. */
function fileWith(payloadBytes: number, zerosAtEnd: number): { bytes: Buffer; frameBytes: number } {
  const frameBytes = frameSizeBytes(0, payloadBytes)
  const bytes = Buffer.alloc(4_096)
  bytes.writeUInt32BE(FRAME_MAGIC, 0)
  bytes.writeUInt32BE(frameBytes, 32)
  bytes.fill(1, FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + payloadBytes - zerosAtEnd)
  return { bytes, frameBytes }
}

it('is the whole of the last frame, however many zeros it ends with', () => {
  for (let payloadBytes = 1; payloadBytes < 60; payloadBytes++) {
    for (let zeros = 0; zeros <= payloadBytes; zeros++) {
      const { bytes, frameBytes } = fileWith(payloadBytes, zeros)
      expect(writtenJournalBytes(bytes)).toBe(frameBytes)
    }
  }
})

it('is nothing of a file that was never used, and all of one whose frame says too much', () => {
  expect(writtenJournalBytes(Buffer.alloc(4_096))).toBe(0)
  const { bytes } = fileWith(10, 0)
  bytes.writeUInt32BE(0xffff_ffff, 32)
  expect(writtenJournalBytes(bytes)).toBe(bytes.length)
})
