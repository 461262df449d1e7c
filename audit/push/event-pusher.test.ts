import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createServer as createTlsServer,
  getCACertificates,
  setDefaultCACertificates,
} from 'node:tls'
import { describe, expect, it } from 'vitest'
import { silentLogger, systemTimers } from '../../kit/index.ts'
import { createSimDisk, createSimTime } from '../../kit/testing.ts'
import { createCertificateAuthority } from '../../test/support/certificates.ts'
import type { History } from '../history.ts'
import { createMemoryHistory } from '../memory-history.ts'
import type { HistoryRecord } from '../record.ts'
import { exampleRecord } from '../testing.ts'
import type { PushTarget } from './event-pusher.ts'
import { EventPusher } from './event-pusher.ts'
import { pushTarget, pushUrlFault } from './push-target.ts'
import { syslogMessage } from './syslog-message.ts'

class Setting {
  readonly time = createSimTime()
  readonly disk = createSimDisk()
  readonly history: History = createMemoryHistory()
  readonly taken: number[] = []
  isDown = false
  largestBatch = 0

  readonly target: PushTarget = {
    name: 'test',
    send: async (records: readonly HistoryRecord[]) => {
      if (this.isDown) throw new Error('down')
      this.largestBatch = Math.max(this.largestBatch, records.length)
      this.taken.push(...records.map(({ seq }) => seq))
    },
    close: async () => {},
  }

  async start(): Promise<EventPusher> {
    await this.disk.makeDirectory('/audit')
    return EventPusher.start({
      ...{ history: this.history, target: this.target, disk: this.disk },
      ...{ cursorFile: '/audit/push', timers: this.time.timers, logger: silentLogger },
    })
  }

  append(count: number): Promise<unknown> {
    const from = this.history.nextSeq
    return this.history.append(Array.from({ length: count }, (_, at) => exampleRecord(from + at)))
  }
}

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, at) => from + at)

describe('a push of records', () => {
  it('begins with the records to come', async () => {
    const setting = new Setting()
    await setting.append(5)
    const pusher = await setting.start()
    await setting.append(3)
    await setting.time.settle()
    expect(setting.taken).toEqual([5, 6, 7])
    await pusher.stop()
  })

  it('hands over what comes at the very moment when it is done', async () => {
    for (let turns = 0; turns < 60; turns++) {
      const setting = new Setting()
      const pusher = await setting.start()
      await setting.append(1)
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      await setting.append(1)
      await setting.time.settle()
      expect([turns, setting.taken]).toEqual([turns, [0, 1]])
      await pusher.stop()
    }
  })

  it('goes on where it was after a restart, in bounded batches', async () => {
    const setting = new Setting()
    await (await setting.start()).stop()
    await setting.append(350)
    const pusher = await setting.start()
    await setting.time.settle()
    expect(setting.taken).toEqual(numbers(0, 350))
    expect(setting.largestBatch).toBe(100)
    await pusher.stop()
    await setting.append(1)
    const again = await setting.start()
    await setting.time.settle()
    expect(setting.taken).toEqual(numbers(0, 351))
    await again.stop()
  })

  it('hands over what a target missed', async () => {
    const setting = new Setting()
    const pusher = await setting.start()
    setting.isDown = true
    await setting.append(4)
    await setting.time.advance(5_000)
    expect(pusher.state).toMatchObject({ behind: 4, failures: 3 })
    setting.isDown = false
    await setting.time.advance(60_000)
    expect(setting.taken).toEqual([0, 1, 2, 3])
    expect(pusher.state.behind).toBe(0)
    await pusher.stop()
    expect(setting.time.pendingTimers).toBe(0)
  })
})

const common = { origin: 'glasslog/c', timers: systemTimers }
const records = [exampleRecord(1), exampleRecord(2)]

describe('a webhook', () => {
  it('gets batches, with what it wants to see in the header', async () => {
    const seen: { type: unknown; authorization: unknown; body: string }[] = []
    let status = 204
    const server = createHttpServer(async (request, response) => {
      const pieces: Buffer[] = []
      for await (const piece of request) pieces.push(piece as Buffer)
      const { authorization, 'content-type': type } = request.headers
      seen.push({ type, authorization, body: Buffer.concat(pieces).toString() })
      response.writeHead(status).end()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`
    const target = pushTarget({ ...common, url, format: 'cloudevents', authorization: 'Bearer x' })
    await target.send(records)
    expect(seen[0]).toMatchObject({
      type: 'application/cloudevents-batch+json',
      authorization: 'Bearer x',
    })
    expect(JSON.parse(seen[0]?.body ?? '')).toMatchObject([{ id: 'id-1' }, { id: 'id-2' }])
    for (const refusal of [500, 302, 404]) {
      status = refusal
      await expect(target.send(records)).rejects.toThrow(`answered ${refusal}`)
    }
    await target.close()
    server.closeAllConnections()
    server.close()
  })
})

describe('a syslog server', () => {
  it('gets messages of RFC 5424', () => {
    const options = { format: 'ocsf', origin: 'o', hostname: 'my host' } as const
    expect(syslogMessage(exampleRecord(7), options)).toMatch(
      /^<110>1 1970-01-01T00:00:07\.000Z my_host glasslog 7 topic\.create - \{".*\}$/,
    )
    const refused = exampleRecord(8, { outcome: { code: 'INVALID_CONFIG', message: null } })
    expect(syslogMessage(refused, options)).toMatch(/^<108>1 /)
  })

  it('over TCP gets them with their lengths', async () => {
    let text = ''
    const received = Promise.withResolvers<void>()
    const server = createTcpServer((socket) => {
      socket.on('data', (piece) => {
        text += piece.toString()
        if (text.includes('"sequence":2')) received.resolve()
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`
    const target = pushTarget({ ...common, url, format: 'ocsf', authorization: null })
    await target.send(records)
    await received.promise
    const length = Number(text.slice(0, text.indexOf(' ')))
    const start = text.indexOf(' ') + 1
    expect(text.slice(start, start + 5)).toBe('<110>')
    expect(text.slice(start + length)).toMatch(/^\d+ <110>1 /)
    await target.close()
    server.close()
  })

  it('over TLS gets them too, when its certificate is of who is asked for and of somebody trusted', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'glasslog-syslog-'))
    const authority = createCertificateAuthority(directory)
    const { pem } = authority.issue('siem', '/CN=siem')
    let text = ''
    const received = Promise.withResolvers<void>()
    const server = createTlsServer({ key: pem, cert: pem, minVersion: 'TLSv1.2' }, (socket) => {
      socket.on('data', (piece) => {
        text += piece.toString()
        if (text.includes('"sequence":2')) received.resolve()
      })
    }).listen(0, '0.0.0.0')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const to = (host: string) =>
      pushTarget({
        ...{ ...common, url: `tls://${host}:${port}` },
        ...{ format: 'ocsf', authorization: null },
      })
    const usual = getCACertificates('default')
    const stranger = to('127.0.0.1')
    await expect(stranger.send(records)).rejects.toThrow(/self-signed|unable to/)
    setDefaultCACertificates([authority.certificatePem])
    // The certificate is for 127.0.0.1 and localhost.
    const elsewhere = to('127.0.0.2')
    await expect(elsewhere.send(records)).rejects.toThrow(/altnames/)
    expect(text).toBe('')

    const targets = ['127.0.0.1', 'localhost'].map(to)
    for (const target of targets) await target.send(records)
    await received.promise
    const length = Number(text.slice(0, text.indexOf(' ')))
    const start = text.indexOf(' ') + 1
    expect(text.slice(start, start + 5)).toBe('<110>')
    expect(text.slice(start + length)).toMatch(/^\d+ <110>1 /)
    setDefaultCACertificates(usual)
    for (const target of [stranger, elsewhere, ...targets]) await target.close()
    server.close()
    rmSync(directory, { recursive: true })
  })

  it('over UDP gets a datagram each', async () => {
    const server = createSocket('udp4')
    server.bind(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `udp://127.0.0.1:${server.address().port}`
    const target = pushTarget({ ...common, url, format: 'ocsf', authorization: null })
    const first = once(server, 'message')
    await target.send(records.slice(0, 1))
    expect(String((await first)[0])).toMatch(/^<110>1 .*"sequence":1/)
    await target.close()
    server.close()
  })

  it('that is not there is an error', async () => {
    const target = pushTarget({
      ...common,
      url: 'tcp://127.0.0.1:1',
      format: 'ocsf',
      authorization: null,
    })
    await expect(target.send(records)).rejects.toThrow()
    await target.close()
  })
})

it.each(['', 'nowhere', 'ftp://x', 'tcp:///', 'file:///etc/passwd'])(
  '%j cannot be pushed to',
  (url) => {
    expect(pushUrlFault(url)).not.toBeNull()
  },
)
