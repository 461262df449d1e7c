import { expect, it } from 'vitest'
import { seededRandom } from '../../kit/index.ts'
import { KnownSeries } from './known-series.ts'

const COUNT = 3_000
const textOf = (at: number) => `lag{topic="t${at % 60}",partition="${Math.floor(at / 60)}"}`

it('knows each text by its number, until scrapes have gone by without it', () => {
  const known = new KnownSeries(seededRandom(1))
  for (let at = 0; at < COUNT; at++) {
    expect(known.find(textOf(at))).toBeNull()
    known.add(textOf(at), 10_000 + at, 1)
  }
  const numberOf = (at: number) => {
    const place = known.find(textOf(at))
    return place === null ? null : known.numberAt(place)
  }
  for (let at = 0; at < COUNT; at++) expect(numberOf(at)).toBe(10_000 + at)
  for (let at = 0; at < COUNT; at += 3) known.see(known.find(textOf(at)) ?? 0, 2)
  expect([...known.lastSeen(2, 2)]).toHaveLength(COUNT / 3)
  known.renumber(known.find(textOf(3)) ?? 0, 7)
  known.forgetBefore(2)
  expect(known.size).toBe(COUNT / 3)
  for (let at = 0; at < COUNT; at++)
    expect(numberOf(at)).toBe(at === 3 ? 7 : at % 3 === 0 ? 10_000 + at : null)
})

it('takes a scrape back that came to nothing', () => {
  const known = new KnownSeries(seededRandom(1))
  known.add('a', 1, 1)
  known.add('b', 2, 2)
  known.unsee(2)
  expect([...known.lastSeen(1, 1)]).toEqual([1, 2])
  expect([...known.lastSeen(2, 2)]).toEqual([])
})

it('knows texts apart that were made to have one hash where it has no key', () => {
  const known = new KnownSeries(seededRandom(1))
  const topics = [
    'jk9vt86i7iezbsubv0vsyf9sn1uk7z6pvcwgfnr9b5mkc8ps4dm50r9jz0ouchrip6xj0ila6wgelrwgdekbr',
    's3soh86i7iezbsu0uj4dyf9snm41e5ij49r0z8lrp9se5fitw76f81f8g3pnq5949ib8xrla6wgelrwg1t48y',
  ].map((topic) => `m{topic="${topic}"}`)
  known.add(topics[0] ?? '', 1, 1)
  expect(known.find(topics[1] ?? '')).toBeNull()
})
