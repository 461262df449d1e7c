import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { EntryStore } from './entry-store.ts'
import { entry } from './testing.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'glasslog-bench-entries-'))
})

afterEach(() => rmSync(directory, { recursive: true }))

it('finds what was measured under the same conditions, from an earlier run as well', () => {
  const one = entry('kafka', 100, [[1, 2]])
  new EntryStore(directory).save(one)
  expect(new EntryStore(directory).find('kafka', 100, one.conditions)).toEqual(one)
})

it('does not put runs together that were made under other conditions', () => {
  const one = entry('kafka', 100, [[1, 2]])
  const store = new EntryStore(directory)
  store.save(one)
  expect(store.find('kafka', 100, { ...one.conditions, version: 'newer' })).toBeNull()
  expect(store.find('kafka', 1024, one.conditions)).toBeNull()
  expect(store.find('kafka-flush', 100, one.conditions)).toBeNull()
})
