import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CommandFailure } from './exit-codes.ts'
import { parseServerOptions } from './options.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'glasslog-options-'))
})
afterAll(() => rm(directory, { recursive: true }))

async function configFile(text: string): Promise<string> {
  const path = join(directory, 'glasslog.yaml')
  await writeFile(path, text)
  return path
}

const failureOf = (args: string[], environment = {}): Promise<CommandFailure> =>
  parseServerOptions(args, environment).then(
    () => {
      throw new Error('expected a failure')
    },
    (error: unknown) => {
      if (error instanceof CommandFailure) return error
      throw error
    },
  )

describe('server options', () => {
  it('has the documented defaults', async () => {
    const options = await parseServerOptions([], {})
    expect(options.process).toMatchObject({
      dataDir: './data',
      host: '127.0.0.1',
      kafkaPort: 9092,
      adminPort: 9644,
      consolePort: 8080,
      insecure: false,
    })
    expect(options.brokerOverrides).toEqual({})
  })

  it('prefers flag over environment over file over default', async () => {
    const path = await configFile(
      'data-dir: /file\nhost: 127.0.0.2\nkafka-port: 1\nadmin-port: 1\n',
    )
    const options = await parseServerOptions(['--config', path, '--kafka-port=3'], {
      GLASSLOG_DATA_DIR: '/environment',
      GLASSLOG_KAFKA_PORT: '2',
    })
    expect(options.process).toMatchObject({
      kafkaPort: 3,
      dataDir: '/environment',
      host: '127.0.0.2',
      adminPort: 1,
      consolePort: 8080,
    })
  })

  it("reads OpenTelemetry's own variables, under names of ours", async () => {
    const standard = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
      OTEL_EXPORTER_OTLP_HEADERS: 'a=b',
    }
    const { process } = await parseServerOptions([], standard)
    expect(process).toMatchObject({ otlpEndpoint: 'http://collector:4318', otlpHeaders: 'a=b' })
    const own = { ...standard, GLASSLOG_OTLP_ENDPOINT: 'http://other:4318' }
    expect((await parseServerOptions([], own)).process.otlpEndpoint).toBe('http://other:4318')
    const failure = await failureOf(['--otlp-endpoint', 'collector:4318'])
    expect([failure.exitCode, failure.message]).toEqual([78, expect.stringContaining('http://')])
  })

  it("passes Kafka's broker configs on, nested or dotted, flag over file", async () => {
    const path = await configFile(
      'broker:\n  log.retention.hours: 24\n  auto:\n    create.topics.enable: false\n',
    )
    const options = await parseServerOptions(
      ['--config', path, '--override', 'log.retention.hours=48'],
      {},
    )
    expect(options.brokerOverrides).toEqual({
      'log.retention.hours': '48',
      'auto.create.topics.enable': 'false',
    })
  })

  it('takes a boolean flag with and without a value', async () => {
    const on = await parseServerOptions(['--insecure', '--kafka-port', '0'], {})
    expect(on.process.insecure).toBe(true)
    const off = await parseServerOptions(['--insecure', 'false'], {})
    expect(off.process.insecure).toBe(false)
  })

  it('names every fault of the configuration in one message', async () => {
    const failure = await failureOf(['--kafka-port', '70000', '--log-level', 'loud'], {
      GLASSLOG_ADMIN_PORT: 'x',
    })
    expect(failure.exitCode).toBe(78)
    for (const key of ['kafka-port', 'log-level', 'admin-port']) {
      expect(failure.message).toContain(key)
    }
  })

  it.each([
    [['--no-such-flag', '1'], 64],
    [['stray'], 64],
    [['--kafka-port'], 64],
    [['--override', 'novalue'], 64],
    [['--config', '/does/not/exist.yaml'], 78],
  ])('refuses %j with exit code %i', async (args, exitCode) => {
    expect((await failureOf(args)).exitCode).toBe(exitCode)
  })

  it.each(['- a\n- b\n', 'a: [', 'broker: 3\n', 'unknown-key: 1\n'])(
    'refuses the file %j with exit code 78',
    async (text) => {
      expect((await failureOf(['--config', await configFile(text)])).exitCode).toBe(78)
    },
  )
})
