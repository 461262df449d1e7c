import { describe, expect, it } from 'vitest'
import { ExportPieces } from './export-pieces.ts'

/** All that comes out, taken as often as there is something. */
function written(lines: readonly (string | Uint8Array)[]): Buffer {
  const pieces = new ExportPieces()
  const taken: Buffer[] = []
  for (const line of lines) {
    if (typeof line === 'string') pieces.writeText(line)
    else pieces.writeBytes(line)
    taken.push(...pieces.takeFull())
  }
  return Buffer.concat([...taken, ...pieces.takeAll()])
}

describe('the pieces of an export', () => {
  it('are what was written, however long it is', () => {
    const lines = [
      ...['one\n', 'zwei – 日本語 🦕\n', '', 'x'.repeat(300_000), 'y'.repeat(262_144)],
      ...Array.from({ length: 500 }, (_, at) => `line ${at}\n`.repeat(100)),
      ...[Buffer.alloc(500_000, 'b'), Buffer.from('end')],
    ]
    const expected = Buffer.concat(lines.map((line) => Buffer.from(line as string)))
    expect(written(lines).equals(expected)).toBe(true)
  })

  it('are handed on before there is much of it', () => {
    const pieces = new ExportPieces()
    let taken = 0
    for (let at = 0; at < 1000; at++) {
      pieces.writeText('z'.repeat(1024))
      for (const piece of pieces.takeFull()) {
        taken += piece.length
        expect(piece.length).toBeLessThanOrEqual(262_144)
      }
    }
    expect(taken).toBeGreaterThan(700 * 1024)
    expect(pieces.takeAll().length).toBe(1)
    expect(pieces.takeAll()).toEqual([])
  })
})
