import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'

const main = join(import.meta.dirname, 'main.mjs')

let caches: string
beforeEach(() => {
  caches = mkdtempSync(join(tmpdir(), 'glasslog-cache-'))
})
afterEach(() => rmSync(caches, { recursive: true, force: true }))

function runVersion(environment: Readonly<Record<string, string>>): number | null {
  const { PATH = '' } = process.env
  const env = { PATH, ...environment }
  return spawnSync(process.execPath, [main, 'version'], { env }).status
}

it('keeps compiled code in the directory for caches', () => {
  expect(runVersion({ XDG_CACHE_HOME: caches })).toBe(0)
  expect(readdirSync(join(caches, 'glasslog'))).toHaveLength(1)
  rmSync(join(caches, 'glasslog'), { recursive: true })
  expect(runVersion({ HOME: caches })).toBe(0)
  expect(readdirSync(join(caches, '.cache/glasslog'))).toHaveLength(1)
})

it.each([
  ['somebody else decides where', { NODE_COMPILE_CACHE: '/nowhere/at/all' }],
  ['somebody wants none', { NODE_DISABLE_COMPILE_CACHE: '1' }],
])('keeps none there when %s', (_, environment) => {
  expect(runVersion({ XDG_CACHE_HOME: caches, ...environment })).toBe(0)
  expect(existsSync(join(caches, 'glasslog'))).toBe(false)
})

it('does without where there is no place for it', () => {
  expect(runVersion({})).toBe(0)
  expect(runVersion({ XDG_CACHE_HOME: '/dev/null' })).toBe(0)
})
