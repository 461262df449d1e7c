import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testWitness } from '../../audit/checkpoint/testing.ts'
import type { BrokerProcess } from '../support/broker-process.ts'
import { runCommand, startBrokerProcess, temporaryDirectory } from '../support/broker-process.ts'

/**
 * What a broker signs and publishes proves its history elsewhere: audit-checkpoint-records,
 * audit-checkpoint-ms, audit-checkpoint-file, audit-witness, audit-key-file, audit-checkpoint-stdout,
 * audit-push, audit-push-format, audit-push-authorization.
 */

const witness = testWitness('witness.example/w1', 5)
const witnessServer = createServer(async (request, response) => {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  const body = Buffer.concat(pieces).toString()
  response.end(witness.cosign(body.slice(body.indexOf('\n\n') + 2), 1_700_000_000))
})

/** Events that were pushed, by the header that they came with. */
const pushed: { authorization: string | undefined; events: { data?: { operation?: string } }[] }[] =
  []
const webhook = createServer(async (request, response) => {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  const events = JSON.parse(Buffer.concat(pieces).toString()) as (typeof pushed)[number]['events']
  pushed.push({ authorization: request.headers.authorization, events })
  response.end()
})

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let outside: Awaited<ReturnType<typeof temporaryDirectory>>
let broker: BrokerProcess
let token = ''
const inDirectory = (name: string): string => join(directory.path, name)
const elsewhere = (name: string): string => join(outside.path, name)

beforeAll(async () => {
  directory = await temporaryDirectory()
  outside = await temporaryDirectory()
  witnessServer.listen(0, '127.0.0.1')
  await once(witnessServer, 'listening')
  const { port } = witnessServer.address() as AddressInfo
  webhook.listen(0, '127.0.0.1')
  await once(webhook, 'listening')
  const flags = {
    'audit-checkpoint-records': '2',
    'audit-checkpoint-ms': '500',
    'audit-checkpoint-file': elsewhere('checkpoints'),
    'audit-witness': `http://127.0.0.1:${port} ${witness.key}`,
    'audit-key-file': elsewhere('signing.key'),
    'audit-push': `http://127.0.0.1:${(webhook.address() as AddressInfo).port}/events`,
    'audit-push-format': 'cloudevents',
    'audit-push-authorization': 'Bearer of-the-test',
  }
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])
  broker = await startBrokerProcess(directory.path, { args })
  token = (await readFile(inDirectory('root.token'), 'utf8')).trim()
  const kafka = new Kafka({
    brokers: [`${broker.kafka.host}:${broker.kafka.port}`],
    logLevel: logLevel.NOTHING,
  })
  const admin = kafka.admin()
  await admin.connect()
  for (const topic of ['orders', 'payments', 'refunds']) {
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] })
  }
  await admin.deleteTopics({ topics: ['refunds'] })
  await admin.disconnect()
}, 30_000)

afterAll(async () => {
  await broker?.end('SIGKILL')
  witnessServer.closeAllConnections()
  witnessServer.close()
  webhook.closeAllConnections()
  webhook.close()
  await directory?.remove()
  await outside?.remove()
})

const ask = (path: string, method = 'GET'): Promise<Response> =>
  fetch(`${broker.adminUrl}${path}`, { method, headers: { authorization: `Bearer ${token}` } })

const exported = async (...flags: string[]): Promise<string> =>
  (await runCommand('audit', 'export', '--data-dir', directory.path, ...flags)).stdout

const verify = (file: string, ...flags: string[]) =>
  runCommand(
    'audit',
    'verify',
    '--file',
    file,
    '--key',
    inDirectory('audit/checkpoint.pub'),
    ...flags,
  )

describe('an export', () => {
  it('is verified on its own, and against what was published', async () => {
    const file = elsewhere('export.jsonl')
    await writeFile(file, await exported())
    const alone = await verify(file)
    expect(alone).toMatchObject({ code: 0, stderr: expect.stringContaining('warning') })
    expect(alone.stdout).toMatch(/^sound: records 0 to \d+ of glasslog\//)
    expect((await verify(file, '--require-checkpoint')).code).toBe(21)
    const published = ['--checkpoint', elsewhere('checkpoints'), '--require-checkpoint']
    expect(await verify(file, ...published)).toMatchObject({ code: 0, stderr: '' })
  })

  it('that was changed is found, and the record is named', async () => {
    const file = elsewhere('tampered.jsonl')
    await writeFile(file, (await exported()).replace('"name":"payments"', '"name":"paymentz"'))
    const { code, stdout } = await verify(file)
    expect({ code, head: stdout.split('\n', 1)[0] }).toEqual({
      code: 20,
      head: expect.stringMatching(/^tampered: record \d+: record \d+ does not have its hash$/),
    })
  })

  it('without a record has an exit code of its own', async () => {
    const file = elsewhere('empty.jsonl')
    await writeFile(file, await exported('--from', '2', '--to', '2'))
    expect(await verify(file)).toMatchObject({
      code: 22,
      stdout: expect.stringMatching(/^empty: there is no record in it, from record 2 on/),
    })
    const published = ['--checkpoint', elsewhere('checkpoints')]
    expect((await verify(file, ...published)).code).toBe(20)
  })

  it('that cannot be read has exit code 1', async () => {
    await writeFile(elsewhere('nothing'), 'hello\n')
    expect((await verify(elsewhere('nothing'))).code).toBe(1)
    expect((await verify(elsewhere('missing'))).code).toBe(1)
    expect((await runCommand('audit', 'verify', '--file', elsewhere('nothing'))).code).toBe(64)
  })

  it.each(['cloudevents', 'ocsf'])('is events for other systems: %s', async (format) => {
    const lines = (await exported('--format', format, '--from', '1', '--to', '3'))
      .trim()
      .split('\n')
    expect(lines.map((line) => typeof JSON.parse(line))).toEqual(['object', 'object'])
  })
})

describe('checkpoints', () => {
  it('are cosigned by the witness', async () => {
    await expect
      .poll(() => readFile(inDirectory('audit/cosignatures'), 'utf8'), { timeout: 10_000 })
      .toContain('\u2014 witness.example/w1 ')
    expect(await (await ask('/v1/audit/checkpoint')).text()).toMatch(/^glasslog\/\S+\n\d+\n/)
  })

  it('are signed with a key that lies where it was told to', async () => {
    expect((await stat(elsewhere('signing.key'))).mode & 0o777).toBe(0o600)
    await expect(stat(inDirectory('audit/checkpoint.key'))).rejects.toThrow()
  })

  it('go on under another key after a rotation', async () => {
    const before = (await readFile(inDirectory('audit/checkpoint.pub'), 'utf8')).trim()
    expect((await ask('/v1/audit/key?reason=yearly', 'POST')).status).toBe(200)
    const after = (await readFile(inDirectory('audit/checkpoint.pub'), 'utf8')).trim()
    expect(after).not.toBe(before)
    const file = elsewhere('rotated.jsonl')
    await writeFile(file, await exported())
    for (const key of [before, after]) {
      const result = await runCommand('audit', 'verify', '--file', file, '--key', key)
      expect(result.code).toBe(0)
      expect(result.stdout).toContain('keys       changed by record')
    }
  })

  it('are printed when that is wanted', async () => {
    const other = await temporaryDirectory()
    const main = join(import.meta.dirname, '../../cli/main.mjs')
    const flags = ['--kafka-port', '0', '--admin-port', '0', '--audit-checkpoint-stdout']
    const child = spawn(process.execPath, [main, 'broker', '--data-dir', other.path, ...flags], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const lines: string[] = []
    const output = createInterface({ input: child.stdout })
    output.once('line', () => child.kill('SIGTERM'))
    output.on('line', (line) => lines.push(line))
    await once(child, 'close')
    expect(lines.slice(1).map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ type: 'glasslog-checkpoint', size: 1 }),
    )
    await other.remove()
  })
})

it('new records are pushed to a webhook', async () => {
  const operations = (): (string | undefined)[] =>
    pushed.flatMap(({ events }) => events.map(({ data }) => data?.operation))
  await expect.poll(operations, { timeout: 10_000 }).toContain('topic.delete')
  expect(pushed.every(({ authorization }) => authorization === 'Bearer of-the-test')).toBe(true)
  expect(broker.stderr()).not.toContain('of-the-test')
})

describe('the past', () => {
  it('is there over HTTP', async () => {
    const state = (await (await ask('/v1/audit/state?kind=topic')).json()) as {
      resources: { resource: { name: string } }[]
    }
    expect(state.resources.map(({ resource }) => resource.name)).toContain('orders')
    const diff = (await (await ask('/v1/audit/diff?from=0')).json()) as { changes: unknown[] }
    expect(diff.changes.length).toBeGreaterThan(2)
    expect((await ask('/v1/audit/state?at=yesterday')).status).toBe(400)
    expect((await ask('/v1/audit/state?at=999999')).status).toBe(400)
  })

  it('is there on the command line', async () => {
    const flags = ['--data-dir', directory.path]
    const state = await runCommand('audit', 'state', '--at', '1', '--kind', 'topic', ...flags)
    expect(state.stdout).toMatch(/^topic:orders +1 +\{/m)
    expect(state.stdout).not.toContain('payments')
    const diff = await runCommand('audit', 'diff', '0', ...flags)
    expect(diff.stdout).toMatch(/^\+ topic:payments$/m)
    expect((await runCommand('audit', 'diff', ...flags)).code).toBe(64)
  })

  it('is proved record by record', async () => {
    const proof = await (await ask('/v1/audit/proof?seq=1')).json()
    expect(proof).toMatchObject({ seq: 1, leaf: expect.any(String), path: expect.any(Array) })
    expect((await ask('/v1/audit/consistency?from=1&size=3')).status).toBe(200)
    expect((await ask('/v1/audit/proof?seq=99999')).status).toBe(400)
  })
})

describe('a rewind', () => {
  const flags = (): string[] => ['--data-dir', directory.path]

  it('shows its plan, and does it when that is wanted', async () => {
    const { records } = (await (await ask('/v1/audit?operation=topic.delete')).json()) as {
      records: { seq: number }[]
    }
    const undo = ['audit', 'rewind', '--undo', String(records[0]?.seq), ...flags()]
    const plan = await runCommand(...undo, '--dry-run')
    expect(plan).toMatchObject({ code: 0, stderr: '' })
    expect(plan.stdout).toMatch(/^[+~] topic:refunds \(undoes \d+\)$/m)
    expect((await runCommand(...undo)).code).toBe(64)
    const done = await runCommand(...undo, '--yes', '--reason', 'by mistake')
    expect(done).toMatchObject({ code: 0, stdout: expect.stringMatching(/^done: record \d+/m) })
    const page = (await (await ask('/v1/audit?operation=topic.restore')).json()) as {
      records: object[]
    }
    expect(page.records).toMatchObject([{ reverts: [records[0]?.seq], reason: 'by mistake' }])
  })

  it('is refused where somebody changed it since, with what to choose from', async () => {
    const { records } = (await (await ask('/v1/audit?operation=topic.delete')).json()) as {
      records: { seq: number }[]
    }
    const again = await runCommand(
      ...['audit', 'rewind', '--undo', String(records[0]?.seq), '--yes', ...flags()],
    )
    expect(again.stdout + again.stderr).toMatch(/0 to go back|changed by record/)
    const missing = await runCommand('audit', 'rewind', '--undo', '99999', '--yes', ...flags())
    expect(missing.code).toBe(1)
    expect((await runCommand('audit', 'rewind', ...flags())).code).toBe(64)
    expect((await ask('/v1/audit/rewind', 'POST')).status).toBe(400)
  })
})

it('a stopped broker leaves a directory whose export is whole', async () => {
  await broker.end('SIGTERM')
  const file = elsewhere('stopped.jsonl')
  await writeFile(file, await exported())
  expect((await verify(file, '--checkpoint', elsewhere('checkpoints'))).code).toBe(0)
})
