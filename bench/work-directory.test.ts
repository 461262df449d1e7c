import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { workDirectory } from './work-directory.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'glasslog-bench-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

it('makes the directory, with those above it', () => {
  const path = join(directory, 'a', 'b')
  expect(workDirectory(path)).toBe(path)
  expect(existsSync(path)).toBe(true)
})

it('says what is wrong with --dir when it cannot be one', () => {
  writeFileSync(join(directory, 'file'), '')
  expect(() => workDirectory(join(directory, 'file'))).toThrow(/^--dir: .*EEXIST/)
})
