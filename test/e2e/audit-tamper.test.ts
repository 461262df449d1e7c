import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testWitness } from '../../audit/checkpoint/testing.ts'
import type { HistoryRecord } from '../../audit/index.ts'
import { openLogHistory } from '../../broker/control/index.ts'
import { workerJournalDevice } from '../../broker/index.ts'
import { openLogStore } from '../../broker/log/index.ts'
import { openRealDisk, silentLogger, systemClock, systemTimers } from '../../kit/index.ts'
import { runCommand, temporaryDirectory } from '../support/broker-process.ts'

/**
 * What somebody with the whole machine does to a data directory, found with nothing but a copy of
 * it and what was published before: to a file, to standard output, to a witness.
 */

const MAIN = join(import.meta.dirname, '../../cli/main.ts')

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
const at = (name: string): string => join(directory.path, name)

/** What each publication has, as a file for `audit verify`. */
const PUBLICATIONS = ['file', 'standard output', 'witness'] as const
/** Checkpoints as the witness got them, with its own signature. */
const witnessed: string[] = []
const printed: string[] = []
const witness = testWitness('witness.example/w1', 6)
const witnessServer = createServer(async (request, response) => {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  const body = Buffer.concat(pieces).toString()
  const checkpoint = body.slice(body.indexOf('\n\n') + 2)
  const signature = witness.cosign(checkpoint, 1_700_000_000)
  witnessed.push(checkpoint + signature)
  response.end(signature)
})

/** Records of the early copy, and of the history in the end. */
let earlySize = 0
let records: readonly HistoryRecord[] = []

beforeAll(async () => {
  directory = await temporaryDirectory()
  witnessServer.listen(0, '127.0.0.1')
  await once(witnessServer, 'listening')
  await live(['orders', 'payments'])
  await cp(at('data'), at('early'), { recursive: true })
  earlySize = (await exportOf('early')).length
  await live(['refunds', 'returns'])
  records = await exportOf('data')
  await writeFile(at('standard output'), printed.join('\n'))
  await writeFile(at('witness'), witnessed.join('\n'))
}, 60_000)

afterAll(async () => {
  witnessServer.closeAllConnections()
  witnessServer.close()
  await directory.remove()
})

/** One run of a broker that creates topics, publishes in all ways and stops in an orderly way. */
async function live(topics: readonly string[]): Promise<void> {
  const { port } = witnessServer.address() as AddressInfo
  const flags = {
    'data-dir': at('data'),
    'kafka-port': '0',
    'admin-port': '0',
    'audit-checkpoint-records': '2',
    'audit-checkpoint-file': at('file'),
    'audit-witness': `http://127.0.0.1:${port} ${witness.key}`,
  }
  const words = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])
  const child = spawn(process.execPath, [MAIN, 'broker', ...words, '--audit-checkpoint-stdout'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const ready = Promise.withResolvers<string>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    const adminUrl = /^glasslog ready .* admin=(\S+)/.exec(line)?.[1]
    if (adminUrl !== undefined) ready.resolve(adminUrl)
    else if (line.startsWith('{"type":"glasslog-checkpoint"')) {
      printed.push((JSON.parse(line) as { checkpoint: string }).checkpoint)
    }
  })
  const adminUrl = await ready.promise
  const token = (await readFile(at('data/root.token'), 'utf8')).trim()
  for (const name of topics) {
    const response = await fetch(`${adminUrl}/v1/topics`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name }),
    })
    expect(response.status).toBe(201)
  }
  child.kill('SIGTERM')
  await once(child, 'close')
}

/** Exports a directory that nobody runs on; answers its records. */
async function exportOf(name: string): Promise<readonly HistoryRecord[]> {
  const out = at(`${name}.jsonl`)
  const result = await runCommand('audit', 'export', '--data-dir', at(name), '--out', out)
  expect(result).toMatchObject({ code: 0 })
  const lines = (await readFile(out, 'utf8')).split('\n')
  return lines
    .filter((line) => line.startsWith('{"leaf"'))
    .map((line) => (JSON.parse(line) as { record: HistoryRecord }).record)
}

function verify(name: string, publication?: (typeof PUBLICATIONS)[number]) {
  const outside = publication === undefined ? [] : ['--checkpoint', at(publication)]
  const key = at('data/audit/checkpoint.pub')
  return runCommand('audit', 'verify', '--file', at(`${name}.jsonl`), '--key', key, ...outside)
}

/** A data directory with these records, as somebody makes it who has the signing key. */
async function forge(name: string, forged: readonly HistoryRecord[]): Promise<void> {
  await mkdir(at(`${name}/audit`), { recursive: true })
  const disk = openRealDisk()
  const platform = { disk, clock: systemClock, timers: systemTimers, logger: silentLogger }
  const { store } = await openLogStore({
    ...{ directory: at(name), journalDevice: workerJournalDevice, ...platform },
  })
  const history = await openLogHistory(store)
  const answer = await history.append(forged.map((record, seq) => ({ ...record, seq })))
  expect(answer.kind).toBe('appended')
  await store.close()
  for (const file of ['checkpoint.key', 'checkpoint.pub']) {
    await cp(at(`data/audit/${file}`), at(`${name}/audit/${file}`))
  }
}

describe('a directory as it is', () => {
  it.each(PUBLICATIONS)('agrees with all that went to the %s', async (publication) => {
    const { code, stdout } = await verify('data', publication)
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/^sound/) })
  })
})

describe('a directory that lacks its end', () => {
  it('looks whole by itself', async () => {
    expect((await verify('early')).code).toBe(0)
  })

  it.each(PUBLICATIONS)('is found by what went to the %s', async (publication) => {
    const { code, stdout } = await verify('early', publication)
    expect(code).toBe(20)
    expect(stdout).toMatch(new RegExp(`^tampered: record ${earlySize}\\b.*missing`))
  })
})

/** What was done to the records, and the first one that is not what was published. */
const FORGERIES: readonly (readonly [
  string,
  (all: readonly HistoryRecord[]) => HistoryRecord[],
])[] = [
  ['a changed record', (all) => all.with(2, { ...second(all), after: null })],
  ['a record less', (all) => all.toSpliced(2, 1)],
  ['a record more', (all) => all.toSpliced(2, 0, second(all))],
  ['two records in the other order', (all) => all.with(1, second(all)).with(2, first(all))],
  ['another end', (all) => all.with(-1, { ...second(all), after: null })],
]
const first = (all: readonly HistoryRecord[]): HistoryRecord => all[1] as HistoryRecord
const second = (all: readonly HistoryRecord[]): HistoryRecord => all[2] as HistoryRecord

describe('a directory that was made anew and signed with the stolen key', () => {
  it.each(FORGERIES)(
    'with %s looks whole, and is found by all publications',
    async (what, work) => {
      const name = what.replaceAll(' ', '-')
      await forge(name, work(records))
      await exportOf(name)
      expect((await verify(name)).code).toBe(0)
      for (const publication of PUBLICATIONS) {
        const { code, stdout } = await verify(name, publication)
        expect({ code, publication }).toEqual({ code: 20, publication })
        expect(stdout).toMatch(/^tampered: record \d+/)
      }
    },
    30_000,
  )

  it('or with another key is found without any', async () => {
    await forge('resigned', records)
    const { key, pub } = await strangersKey()
    await writeFile(at('resigned/audit/checkpoint.key'), key)
    await writeFile(at('resigned/audit/checkpoint.pub'), pub)
    const out = ['--data-dir', at('resigned'), '--out', at('resigned.jsonl')]
    const exported = await runCommand('audit', 'export', ...out)
    // A key that the history does not name signs nothing at all.
    const isRefused = exported.code !== 0 || (await verify('resigned')).code === 20
    expect(isRefused).toBe(true)
  })
})

/** The key of a cluster that has nothing to do with this one. */
async function strangersKey(): Promise<{ readonly key: string; readonly pub: string }> {
  const other = await temporaryDirectory()
  const flags = ['--data-dir', other.path, '--kafka-port', '0', '--admin-port', '0']
  const child = spawn(process.execPath, [MAIN, 'broker', ...flags], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  await once(createInterface({ input: child.stdout }), 'line')
  child.kill('SIGKILL')
  await once(child, 'close')
  const key = await readFile(join(other.path, 'audit/checkpoint.key'), 'utf8')
  const pub = await readFile(join(other.path, 'audit/checkpoint.pub'), 'utf8')
  await other.remove()
  return { key, pub }
}

describe('a directory in whose files bytes were changed', () => {
  it('is refused where records lie, and never exported as another history', async () => {
    await cp(at('data'), at('flipped'), { recursive: true })
    const files = (await readdir(at('flipped'), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile() && !entry.parentPath.startsWith(at('flipped/audit')))
      .map((entry) => join(entry.parentPath, entry.name))
    let changed = 0
    for (const file of files) {
      const bytes = await readFile(file)
      for (let found = bytes.indexOf('payments'); found >= 0; ) {
        bytes[found + 7] = 'z'.charCodeAt(0)
        changed++
        found = bytes.indexOf('payments', found + 1)
      }
      await writeFile(file, bytes)
    }
    expect(changed).toBeGreaterThan(0)
    const out = ['--data-dir', at('flipped'), '--out', at('flipped.jsonl')]
    const exported = await runCommand('audit', 'export', ...out)
    expect(exported.code).not.toBe(0)
    expect(exported.stderr).not.toBe('')
  })

  it('is exported as it was where the rest can be worked out again', async () => {
    await cp(at('data'), at('derived'), { recursive: true })
    const derived = at('derived/audit/derived-1')
    for (const name of await readdir(derived)) {
      const bytes = await readFile(join(derived, name))
      if (bytes.length > 0) bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 0xff
      await writeFile(join(derived, name), bytes)
    }
    expect(await exportOf('derived')).toEqual(records)
    expect((await verify('derived', 'witness')).code).toBe(0)
  })
})
