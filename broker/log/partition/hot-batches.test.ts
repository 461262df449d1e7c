import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../kit/index.ts'
import { HotBatches } from './hot-batches.ts'

describe('hot batches', () => {
  it('behave like a list that loses its front', () => {
    const random = seededRandom(7)
    const hot = new HotBatches()
    let model: { base: number; next: number; serial: number }[] = []
    let nextOffset = 0
    let serial = 0
    for (let step = 0; step < 3000; step++) {
      const action = random.below(10)
      if (action < 7) {
        const base = nextOffset
        nextOffset += 1 + random.below(3)
        if (random.below(5) === 0) serial++
        hot.push(base, nextOffset, serial, step, 10, base)
        model.push({ base, next: nextOffset, serial })
      } else if (action < 9) {
        hot.unwritten = Math.max(hot.unwritten, hot.end - random.below(20))
        const oldest = serial - random.below(4)
        hot.dropBefore(oldest)
        const unwritten = hot.unwritten - hot.first
        const kept = model.length - (hot.end - hot.first)
        expect(model.slice(0, kept).every((one) => one.serial < oldest)).toBe(true)
        model = model.slice(kept)
        const isBlocked = model[0] === undefined || model[0].serial >= oldest || unwritten === 0
        expect(isBlocked).toBe(true)
      } else if (model.length > 0) {
        const offset = (model[0]?.base ?? 0) + random.below(nextOffset - (model[0]?.base ?? 0) + 2)
        const expected = model.findIndex((one) => one.next > offset)
        const found = hot.find(offset)
        expect(found - hot.first).toBe(expected < 0 ? model.length : expected)
        if (expected >= 0) expect(hot.baseOffset(found)).toBe(model[expected]?.base)
      }
    }
  })

  it('keeps what is not written, and gives its memory back when empty', () => {
    const hot = new HotBatches()
    for (let i = 0; i < 100; i++) hot.push(i, i + 1, 0, 0, 1, 0)
    hot.dropBefore(5)
    expect(hot.end - hot.first).toBe(100)
    hot.unwritten = hot.end
    hot.dropBefore(5)
    expect(hot.end - hot.first).toBe(0)
    expect(hot.indexBytes).toBe(0)
    hot.push(100, 101, 6, 4, 1, 0)
    expect(hot.baseOffset(hot.find(100))).toBe(100)
  })

  it('forgets batches that are taken back', () => {
    const hot = new HotBatches()
    hot.push(0, 1, 0, 0, 1, 0)
    hot.push(1, 2, 0, 0, 1, 0)
    hot.cut(hot.end - 1)
    expect(hot.find(1)).toBe(hot.end)
    hot.push(1, 5, 0, 0, 1, 0)
    expect(hot.nextOffset(hot.find(1))).toBe(5)
  })
})
