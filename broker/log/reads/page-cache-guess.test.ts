import { describe, expect, it } from 'vitest'
import { createSimTime } from '../../../kit/testing.ts'
import { Segment } from '../segments/segment.ts'
import { PageCacheGuess } from './page-cache-guess.ts'

function logOf(...sizes: number[]) {
  const segments = sizes.map((sizeBytes, i) => {
    const segment = new Segment('d', i, 0, 0)
    segment.sizeBytes = sizeBytes
    return segment
  })
  return { segments }
}

describe('guess of what is cached', () => {
  it.each([
    // A quarter of all bytes is cached, so of each log the newest quarter.
    { sizes: [100, 100, 40], cachedFrom: [100 + 100 + 40 - 60, 100 + 40 - 60, 0] },
    { sizes: [160], cachedFrom: [120] },
    { sizes: [], cachedFrom: [0] },
  ])('takes the newest part of $sizes for cached', ({ sizes, cachedFrom }) => {
    const log = logOf(...sizes)
    const others = logOf(1000 - sizes.reduce((sum, size) => sum + size, 0))
    const { clock } = createSimTime()
    const guess = new PageCacheGuess({ logs: () => [log, others], cacheBytes: 250, clock })
    expect(cachedFrom.map((_, index) => guess.cachedFrom(log, index))).toEqual(cachedFrom)
  })

  it('takes everything for cached that fits, and sees within seconds that it does no more', async () => {
    const log = logOf(100)
    const time = createSimTime()
    const guess = new PageCacheGuess({ logs: () => [log], cacheBytes: 100, clock: time.clock })
    expect(guess.cachedFrom(log, 0)).toBe(0)
    log.segments.push(...logOf(300).segments)
    expect(guess.cachedFrom(log, 0)).toBe(0)
    await time.advance(5_000)
    expect(guess.cachedFrom(log, 0)).toBe(300)
  })
})
