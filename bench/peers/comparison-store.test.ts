import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ComparisonStore } from './comparison-store.ts'
import { comparison } from './testing.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'glasslog-bench-store-'))
})

afterEach(() => rmSync(directory, { recursive: true }))

it('finds what was measured under the same conditions, from an earlier run as well', () => {
  const one = comparison('latency', [[1, 2]])
  new ComparisonStore(directory).save(one)
  expect(new ComparisonStore(directory).find('latency', one.conditions)).toEqual(one)
})

it('does not put together what was measured under other conditions', () => {
  const one = comparison('latency', [[1, 2]])
  const store = new ComparisonStore(directory)
  store.save(one)
  expect(store.find('latency', { ...one.conditions, glasslogVersion: 'newer' })).toBeNull()
  expect(store.find('latency', { ...one.conditions, client: 'kafka-tools' })).toBeNull()
  expect(store.find('requests', one.conditions)).toBeNull()
})

it('keeps the newest of a load', () => {
  const store = new ComparisonStore(directory)
  store.save(comparison('latency', [[1, 2]]))
  store.save(comparison('latency', [[3, 4]]))
  expect(store.all()).toEqual([comparison('latency', [[3, 4]])])
})
