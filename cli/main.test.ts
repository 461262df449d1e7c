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

function run(...args: readonly string[]) {
  const { PATH = '', HOME = '' } = process.env
  return spawnSync(process.execPath, [main, ...args], { env: { PATH, HOME }, encoding: 'utf8' })
}

it('gives every command a summary, apart from its name', () => {
  const { stdout } = run('help')
  const rows = stdout.split('\n').filter((line) => line.startsWith('  '))
  expect(rows.filter((row) => !/^ {2}[a-z-]+ {2,}\S/.test(row))).toEqual([])
  expect(stdout).toMatch(/service-token {2}an account/)
})

it('says more of a command in either way', () => {
  expect(run('help', 'service-token').stdout).toBe(run('service-token', '--help').stdout)
  expect(run('help', 'service-token').stdout).toContain('Usage: glasslog service-token')
})

it.each([
  [['constructor'], 'unknown command: constructor'],
  [['toString', '--help'], 'unknown command: toString'],
  [['help', '__proto__'], 'unknown command: __proto__'],
  [['audit', 'list', '--frob'], 'unknown flag: --frob'],
  [['audit', 'list', '--frob=1'], 'unknown flag: --frob'],
  [['inspect', '--apply'], '--apply needs --remedy'],
])('refuses %j in words, with exit code 64', (args, words) => {
  const { status, stderr } = run(...args)
  expect([status, stderr]).toEqual([64, expect.stringContaining(`glasslog: ${words}`)])
  expect(stderr).toContain('Try: glasslog')
})

it.each(['broker', 'monitor'])('says in one line why %s cannot use a data directory', (command) => {
  const { status, stderr } = run(command, '--data-dir', '/dev/null/data')
  expect([status, stderr]).toEqual([1, expect.stringMatching(/^glasslog: ENOTDIR: .*\n$/)])
})
