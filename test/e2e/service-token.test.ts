import { open, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { BrokerProcess } from '../support/broker-process.ts'
import { runCommand, startBrokerProcess, temporaryDirectory } from '../support/broker-process.ts'

/** `glasslog service-token`: how a scraper gets in, and stays in. */

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let broker: BrokerProcess
let out: string

beforeAll(async () => {
  directory = await temporaryDirectory()
  broker = await startBrokerProcess(directory.path)
  out = join(directory.path, 'access', 'scrape.token')
}, 30_000)

afterAll(async () => {
  await broker?.end('SIGKILL')
  await directory?.remove()
})

const run = (...args: string[]) =>
  runCommand('service-token', ...args, '--data-dir', directory.path)

async function statusOf(method: string, path: string, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` }
  const { status } = await fetch(`${broker.adminUrl}${path}`, { method, headers })
  return status
}

it('leaves a token that may look and no more, for those alone who may read the file', async () => {
  expect(await run('prometheus', '--out', out, '--mode', '0640')).toMatchObject({ code: 0 })
  const token = await readFile(out, 'utf8')
  expect((await stat(out)).mode & 0o777).toBe(0o640)
  expect(await statusOf('GET', '/v1/topics', token)).toBe(200)
  expect(await statusOf('GET', '/metrics', token)).toBe(200)
  expect(await statusOf('DELETE', '/v1/accounts/prometheus', token)).toBe(403)
})

it('keeps a token that works, and replaces one that does not', async () => {
  await run('prometheus', '--out', out)
  const token = await readFile(out, 'utf8')
  expect((await run('prometheus', '--out', out)).stdout).toContain('that works')
  expect(await readFile(out, 'utf8')).toBe(token)
  await writeFile(out, 'nonsense')
  expect((await run('prometheus', '--out', out)).stdout).toContain('a new token')
  expect(await statusOf('GET', '/metrics', await readFile(out, 'utf8'))).toBe(200)
})

it('says that an account which is there has another role, and what to do', async () => {
  expect((await run('prometheus', '--out', out, '--role', 'viewer')).stderr).toBe('')
  const { code, stderr } = await run('prometheus', '--out', out, '--role', 'operator')
  expect(code).toBe(0)
  expect(stderr).toBe(
    'prometheus has the roles viewer, not operator, and keeps them. To change that: PATCH /v1/accounts/prometheus with {"roles":["operator"]}\n',
  )
})

it('shows the token to nobody who has a file open that a crash left', async () => {
  await writeFile(`${out}.new`, 'unfinished', { mode: 0o644 })
  const leftover = await open(`${out}.new`)
  try {
    await writeFile(out, 'nonsense')
    await run('prometheus', '--out', out)
    expect(await leftover.readFile('utf8')).toBe('unfinished')
    expect((await stat(out)).mode & 0o777).toBe(0o600)
  } finally {
    await leftover.close()
  }
})

it('gives nobody the token of somebody else', async () => {
  await run('prometheus', '--out', out)
  expect((await run('grafana', '--out', out)).stdout).toContain('a new token of grafana')
})

it.each([
  ['no name', ['--out', 'x']],
  ['two names', ['a', 'b', '--out', 'x']],
  ['no file', ['a']],
  ['a mode that is none', ['a', '--out', 'x', '--mode', 'rw']],
])('refuses %s', async (_, args) => {
  expect((await run(...args)).code).toBe(64)
})

it('says so where no broker runs', async () => {
  const nowhere = join(directory.path, 'nowhere')
  const { code, stderr } = await runCommand(
    'service-token',
    'a',
    '--out',
    out,
    '--data-dir',
    nowhere,
  )
  expect([code, stderr]).toEqual([
    1,
    `glasslog: no broker runs on ${nowhere}: start it, or name another with --data-dir DIR or --admin URL --token TOKEN\n`,
  ])
})

it('makes no token where it cannot be kept', async () => {
  const root = (await readFile(join(directory.path, 'root.token'), 'utf8')).trim()
  const tokens = async () => {
    const headers = { authorization: `Bearer ${root}` }
    return (await fetch(`${broker.adminUrl}/v1/tokens`, { headers })).text()
  }
  await run('prometheus', '--out', out)
  const before = await tokens()
  // Its name may be so long, but not that of the unfinished file beside it.
  const path = join(directory.path, 'x'.repeat(253))
  const { code, stderr } = await run('prometheus', '--out', path)
  expect([code, stderr.split(':', 2)]).toEqual([1, ['glasslog', ' ENAMETOOLONG']])
  expect(await tokens()).toBe(before)
  const directoryOfFile = await run('prometheus', '--out', directory.path)
  expect(directoryOfFile).toMatchObject({ code: 1, stderr: expect.stringContaining('EISDIR') })
})
