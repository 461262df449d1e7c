import { describe, expect, it } from 'vitest'
import { parseSeries } from './exposition.ts'
import { SharedTexts } from './shared-texts.ts'

describe('shared texts', () => {
  it('say what they were given, however many there are', () => {
    const texts = new SharedTexts()
    for (let n = 0; n < 50_000; n++) expect(texts.of(`text-${n}`)).toBe(`text-${n}`)
    const long = 'x'.repeat(5_000)
    expect(texts.of(long)).toBe(long)
    expect(texts.of('text-1')).toBe('text-1')
  })

  it('give series the labels that they were sent', () => {
    const labels = parseSeries('lag{topic="orders",group="orders",name="topic"}', 1)
    expect(labels.toRecord()).toEqual({
      ...{ __name__: 'lag', topic: 'orders', group: 'orders', name: 'topic' },
    })
  })
})
