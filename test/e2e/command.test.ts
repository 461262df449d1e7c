import { readFile, stat, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { BrokerProcess } from '../support/broker-process.ts'
import { runCommand, startBrokerProcess, temporaryDirectory } from '../support/broker-process.ts'

/** The command as people and init systems use it: ready line, exit codes, signals, files. */

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
const running: BrokerProcess[] = []

beforeEach(async () => {
  directory = await temporaryDirectory()
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((broker) => broker.end('SIGKILL')))
  await directory.remove()
})

async function start(...options: [] | [Parameters<typeof startBrokerProcess>[1]]) {
  const broker = await startBrokerProcess(directory.path, ...options)
  running.push(broker)
  return broker
}

async function stop(broker: BrokerProcess) {
  running.splice(running.indexOf(broker), 1)
  return broker.end('SIGTERM')
}

function endIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM')
  } catch {
    // It has ended, as it should.
  }
}

function client(broker: BrokerProcess): Kafka {
  const { host, port } = broker.kafka
  return new Kafka({ brokers: [`${host}:${port}`], logLevel: logLevel.NOTHING })
}

async function produceOne(broker: BrokerProcess, value: string): Promise<void> {
  const producer = client(broker).producer()
  await producer.connect()
  await producer.send({ topic: 'kept', messages: [{ value }] })
  await producer.disconnect()
}

async function endOffset(broker: BrokerProcess): Promise<string | undefined> {
  const admin = client(broker).admin()
  await admin.connect()
  const offsets = await admin.fetchTopicOffsets('kept')
  await admin.disconnect()
  return offsets[0]?.high
}

describe('glasslog broker', () => {
  it('prints one ready line, serves Kafka and HTTP, and stops cleanly on SIGTERM', async () => {
    const broker = await start()
    expect(broker.announcedPid).toBe(broker.pid)
    expect((await fetch(`${broker.adminUrl}/healthz`)).status).toBe(200)
    expect((await fetch(`${broker.adminUrl}/readyz`)).status).toBe(200)
    await produceOne(broker, 'hello')
    expect(await stop(broker)).toEqual({ code: 0, signal: null })
  })

  it('stops cleanly when npm start is told to, whatever shell npm puts in between', async () => {
    const broker = await start({ command: 'npm start' })
    try {
      expect(await stop(broker)).toEqual({ code: 0, signal: null })
      expect(() => process.kill(broker.announcedPid, 0)).toThrow('ESRCH')
    } finally {
      endIfAlive(broker.announcedPid)
    }
  })

  it('keeps what it acknowledged over a stop and over a kill', async () => {
    const first = await start()
    await produceOne(first, 'one')
    await stop(first)
    const second = await start()
    await produceOne(second, 'two')
    running.splice(running.indexOf(second), 1)
    await second.end('SIGKILL')
    const third = await start()
    expect(await endOffset(third)).toBe('2')
  })

  it('lets one process at a time use a data directory: exit code 75', async () => {
    await start()
    const second = await runCommand('broker', '--data-dir', directory.path, '--kafka-port', '0')
    expect(second.code).toBe(75)
    expect(second.stderr).toContain('in use')
  })

  it('ends with 75 under the supervisor too, without trying again', async () => {
    await start()
    const second = await runCommand('start', '--data-dir', directory.path, '--kafka-port', '0')
    expect(second.code).toBe(75)
  })

  it('writes the root token readable by its owner only, and keeps it', async () => {
    const token = join(directory.path, 'root.token')
    await stop(await start())
    const text = await readFile(token, 'utf8')
    expect(text.trim()).toMatch(/^[\w-]{43}$/)
    expect((await stat(token)).mode & 0o777).toBe(0o600)
    await stop(await start())
    expect(await readFile(token, 'utf8')).toBe(text)
  })

  it.each([
    [['--kafka-port', 'x'], 78, 'kafka-port'],
    [['--override', 'no.such.config=1'], 78, 'no.such.config'],
    [['--host', '0.0.0.0'], 78, 'insecure'],
    [['--nonsense', '1'], 64, 'nonsense'],
  ])('refuses %j with exit code %i and says why', async (args, code, word) => {
    const result = await runCommand('broker', '--data-dir', directory.path, ...args)
    expect(result.code).toBe(code)
    expect(result.stderr).toContain(word)
  })

  it('refuses a data directory of a newer format and leaves it alone', async () => {
    await stop(await start())
    const path = join(directory.path, 'format.json')
    const format = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
    const newer = JSON.stringify({ ...format, version: 999 })
    await writeFile(path, newer)
    const result = await runCommand('broker', '--data-dir', directory.path, '--kafka-port', '0')
    expect(result.code).toBe(1)
    expect(result.stderr).toContain('999')
    expect(await readFile(path, 'utf8')).toBe(newer)
  })

  it('tells clients the advertised address and rack', async () => {
    const broker = await start({
      args: ['--advertised-host', 'localhost', '--rack', 'r1', '--log-level', 'silent'],
    })
    const admin = client(broker).admin()
    await admin.connect()
    const cluster = await admin.describeCluster()
    await admin.disconnect()
    expect(cluster.brokers).toEqual([
      expect.objectContaining({ host: 'localhost', port: broker.kafka.port }),
    ])
    expect(broker.stderr()).toBe('')
  })
})

describe('listening on all addresses', () => {
  it.each([
    ['0.0.0.0', '127.0.0.1'],
    ['0.0.0.0', '127.0.0.2'],
    ['::', '127.0.0.1'],
  ])('on %s tells a client that came by %s that very address', async (host, by) => {
    const broker = await start({ args: ['--host', host, '--insecure'] })
    const kafka = new Kafka({ brokers: [`${by}:${broker.kafka.port}`], logLevel: logLevel.NOTHING })
    const admin = kafka.admin()
    await admin.connect()
    const cluster = await admin.describeCluster()
    await admin.disconnect()
    expect(cluster.brokers).toEqual([expect.objectContaining({ host: by })])
  })
})

describe('glasslog start', () => {
  it('starts the broker again, on the same ports, when it crashes', async () => {
    const supervisor = await start({ command: 'start' })
    await produceOne(supervisor, 'before')
    const brokerPid = await childOf(supervisor.pid, 'broker')
    process.kill(brokerPid, 'SIGKILL')
    await produceOne(supervisor, 'after')
    expect(await endOffset(supervisor)).toBe('2')
    expect(await childOf(supervisor.pid, 'broker')).not.toBe(brokerPid)
    expect(await stop(supervisor)).toEqual({ code: 0, signal: null })
  })

  it('starts the monitor again, while the broker goes on', async () => {
    const supervisor = await start({ command: 'start' })
    const brokerPid = await childOf(supervisor.pid, 'broker')
    const monitorPid = await childOf(supervisor.pid, 'monitor')
    process.kill(monitorPid, 'SIGKILL')
    await vi.waitFor(
      async () => expect((await fetch(`${supervisor.consoleUrl}/healthz`)).status).toBe(200),
      15_000,
    )
    expect(await childOf(supervisor.pid, 'monitor')).not.toBe(monitorPid)
    expect(await childOf(supervisor.pid, 'broker')).toBe(brokerPid)
    expect(await stop(supervisor)).toEqual({ code: 0, signal: null })
  })

  it('ends, and says why, when the port of the monitor is taken', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as AddressInfo
    const flags = ['--kafka-port', '0', '--admin-port', '0', '--console-port', String(port)]
    const ended = await runCommand('start', '--data-dir', directory.path, ...flags)
    taken.close()
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toContain(`port ${port} is in use; give another with --console-port`)
  })
})

/** The process of a supervisor that runs a subcommand. */
async function childOf(pid: number, subcommand: string): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
  for (const child of children.trim().split(' ')) {
    const command = await readFile(`/proc/${child}/cmdline`, 'utf8')
    if (command.split('\0').includes(subcommand)) return Number(child)
  }
  throw new Error(`no ${subcommand} among the children of ${pid}`)
}

describe('glasslog', () => {
  it.each([['help'], ['--help'], ['broker', '--help'], ['start', '--help'], ['audit', '--help']])(
    '%s %s explains itself',
    async (...args) => {
      const result = await runCommand(...args)
      expect(result.code).toBe(0)
      expect(result.stdout).toContain('Usage: glasslog')
    },
  )

  it('refuses an unknown command with exit code 64', async () => {
    expect((await runCommand('brew')).code).toBe(64)
  })

  it('names its version', async () => {
    expect((await runCommand('version')).stdout).toMatch(/^glasslog \d+\.\d+\.\d+ \(node v24\./)
  })
})
