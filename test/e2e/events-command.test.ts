import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { BrokerProcess } from '../support/broker-process.ts'
import { runCommand, startBrokerProcess, temporaryDirectory } from '../support/broker-process.ts'

/** `glasslog events` at a real broker: pages, a live tail, and its way through a restart. */

const MAIN = join(import.meta.dirname, '../../cli/main.mjs')

interface Event {
  readonly id: number
  readonly kind: string
  readonly severity: string
  readonly resource: { readonly kind: string; readonly name: string }
}

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let broker: BrokerProcess
const tails: ChildProcess[] = []

beforeEach(async () => {
  directory = await temporaryDirectory()
  broker = await startBrokerProcess(directory.path)
})
afterEach(async () => {
  for (const tail of tails.splice(0)) tail.kill('SIGKILL')
  await broker.end('SIGKILL')
  await directory.remove()
})

const events = (...args: string[]) => runCommand('events', ...args, '--data-dir', directory.path)

/** Has the event `login-failed`. */
const guess = () =>
  fetch(`${broker.adminUrl}/v1/topics`, { headers: { authorization: 'Bearer guess' } })

function parsed(stdout: string): readonly Event[] {
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Event)
}

function startTail(...args: string[]) {
  const all = [MAIN, 'events', 'tail', '--data-dir', directory.path, ...args]
  const child = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'pipe'] })
  tails.push(child)
  const said = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (piece: string) => {
      said[stream] += piece
    })
  }
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  return { child, said, ended, kinds: () => parsed(said.stdout).map(({ kind }) => kind) }
}

describe('glasslog events list', () => {
  it('shows what matches, as a table and as JSON lines', async () => {
    await guess()
    const listed = async () => parsed((await events('list', '--json')).stdout)
    await expect.poll(listed).toContainEqual(expect.objectContaining({ kind: 'login-failed' }))
    const table = await events('list', '--order', 'oldest')
    expect(table.code).toBe(0)
    expect(table.stdout).toMatch(/^TIME +SEVERITY +KIND +RESOURCE +EXPLANATION\n/)
    expect(table.stdout).toMatch(/^\S+Z +info +broker-started +broker +\S/m)
    expect(table.stdout).not.toContain('\u{1b}')
    const severe = parsed((await events('list', '--json', '--severity', 'warning')).stdout)
    expect(new Set(severe.map(({ severity }) => severity))).toEqual(new Set(['warning']))
    const one = await events('list', '--json', '--kind', 'broker-*', '--limit', '1')
    expect(parsed(one.stdout)).toMatchObject([{ kind: 'broker-started' }])
    const later = await events(
      'list',
      '--json',
      '--from',
      new Date(Date.now() + 60_000).toISOString(),
    )
    expect([later.code, later.stdout]).toEqual([0, ''])
  })

  it.each<readonly [number, string, readonly string[]]>([
    [64, 'events needs an action', []],
    [64, 'unknown flag: --nothing', ['list', '--nothing', '1']],
    [64, 'unknown flag: --order', ['tail', '--order', 'oldest']],
    [64, '--limit needs a whole number', ['list', '--limit', '0']],
    [1, 'severity', ['list', '--severity', 'grave']],
    [1, 'is not a time', ['tail', '--from', 'yesterday']],
  ])('ends with %i and says "%s"', async (code, message, args) => {
    const answer = await events(...args)
    expect([answer.code, answer.stderr]).toEqual([code, expect.stringContaining(message)])
  })
})

describe('glasslog events tail', () => {
  it('goes on behind the last event after a restart, and ends cleanly on SIGINT', async () => {
    const tail = startTail('--json', '--from', new Date(0).toISOString())
    await vi.waitFor(() => expect(tail.kinds()).toContain('broker-started'), 10_000)
    await guess()
    await vi.waitFor(() => expect(tail.kinds()).toContain('login-failed'), 10_000)
    await broker.end('SIGTERM')
    broker = await startBrokerProcess(directory.path)
    const starts = () => tail.kinds().filter((kind) => kind === 'broker-started')
    await vi.waitFor(() => expect(starts()).toHaveLength(2), 20_000)
    const ids = parsed(tail.said.stdout).map(({ id }) => id)
    expect(ids).toEqual(ids.map((_, at) => at))
    expect(tail.said.stderr).toContain('trying again')
    tail.child.kill('SIGINT')
    expect(await tail.ended).toEqual([0, null])
  }, 60_000)

  it('ends after so many, and when no broker is there', async () => {
    const from = new Date(0).toISOString()
    const one = await events('tail', '--from', from, '--limit', '1')
    expect([one.code, one.stdout.split('\n').length]).toEqual([0, 3])
    await broker.end('SIGTERM')
    const none = await events('tail')
    expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('no broker runs on')])
  })

  it('is over when what reads it is over', async () => {
    const tail = startTail('--json', '--from', new Date(0).toISOString())
    await vi.waitFor(() => expect(tail.kinds()).toContain('broker-started'), 10_000)
    tail.child.stdout?.destroy()
    await broker.end('SIGTERM')
    broker = await startBrokerProcess(directory.path)
    expect(await tail.ended).toEqual([0, null])
  }, 60_000)
})
