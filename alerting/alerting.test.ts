import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { expect, it } from 'vitest'
import type { Logger } from '../kit/index.ts'
import { seededRandom, silentLogger } from '../kit/index.ts'
import { createSimDisk, createSimTime } from '../kit/testing.ts'
import { AlertingPipeline, createOutlets, parseAlertingConfig } from './index.ts'
import { alertNamed } from './testing.ts'

/** Resolves at each call of `next` with the next thing that was given. */
function mailbox<T>() {
  const given: T[] = []
  let wake = () => {}
  return {
    give(one: T) {
      given.push(one)
      wake()
    },
    async next(): Promise<T> {
      while (given.length === 0) await new Promise<void>((resolve) => (wake = resolve))
      return given.shift() as T
    },
  }
}

async function startMailServer(port: number, onMail: (text: string) => void) {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, callback) {
      let text = ''
      stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      stream.on('end', () => {
        callback()
        onMail(text)
      })
    },
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()))
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()))
  return { port: (server.server.address() as AddressInfo).port, close }
}

it('brings mail from an alert to a real mail server, after it was down, over a restart, in one thread', async () => {
  const mails = mailbox<string>()
  const failures = mailbox<string>()
  const logger: Logger = { ...silentLogger, warn: (_, message) => failures.give(message) }
  const free = await startMailServer(0, () => {})
  await free.close()
  const config = parseAlertingConfig(`
global: { smtp_smarthost: '127.0.0.1:${free.port}', smtp_from: g@example.com, smtp_require_tls: false }
route: { receiver: ops, group_by: [alertname], group_wait: 0s }
receivers: [{ name: ops, email_configs: [{ to: ops@example.com }] }]`)
  const time = createSimTime()
  const platform = { disk: createSimDisk(), ...time, random: seededRandom(1), logger }
  const outlets = createOutlets({
    ...platform,
    environment: {},
    render: (template) => template,
    chartOf: async () => null,
  })
  const options = { directory: 'alerting', externalUrl: 'http://console', maxAlerts: 10 }
  const first = await AlertingPipeline.open(platform, options, outlets, config)
  await first.receive([alertNamed('Lag', time.clock.now())])
  expect(await failures.next()).toBe('a notification was not delivered')
  await first.stop()

  const server = await startMailServer(free.port, mails.give)
  const second = await AlertingPipeline.open(platform, options, outlets, config)
  await time.advance(2_000)
  const fired = await mails.next()
  expect(fired).toContain('Subject: [FIRING:1] Lag')
  const root = /^Message-ID: (<[^>]+>)/m.exec(fired)?.[1]
  expect(root).toBeDefined()
  await second.stop()

  const third = await AlertingPipeline.open(platform, options, outlets, config)
  await third.receive([{ ...alertNamed('Lag', 0), endsAtMs: time.clock.now() }])
  await time.advance(6 * 60_000)
  const over = await mails.next()
  expect(over).toContain('Subject: [RESOLVED] Lag')
  expect(over).toContain(`References: ${root}`)
  await third.stop()
  await server.close()
  expect(time.pendingTimers).toBe(0)
})
