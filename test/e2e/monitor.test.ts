import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { BrokerProcess, MonitorProcess } from '../support/broker-process.ts'
import {
  runCommand,
  startBrokerProcess,
  startMonitorProcess,
  temporaryDirectory,
} from '../support/broker-process.ts'

/** `glasslog monitor` beside a broker: console-port, monitor-scrape-interval-ms, monitor-target-labels, monitor-retention-hours. */

const FLAGS = [
  ...['--monitor-scrape-interval-ms', '200', '--monitor-retention-hours', '1'],
  ...['--monitor-target-labels', 'namespace=kafka,pod=kafka-0'],
]

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let broker: BrokerProcess
let monitor: MonitorProcess
let token: string

beforeAll(async () => {
  directory = await temporaryDirectory()
  broker = await startBrokerProcess(directory.path)
  token = (await readFile(join(directory.path, 'root.token'), 'utf8')).trim()
  monitor = await startMonitorProcess(directory.path, FLAGS)
}, 30_000)

afterAll(async () => {
  await monitor?.end('SIGKILL')
  await broker?.end('SIGKILL')
  await directory?.remove()
})

function ask(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${monitor.url}${path}`, { headers: { authorization: `Bearer ${token}` }, ...init })
}

/** The values of an instant query; empty while there are none. */
async function values(expression: string): Promise<string[]> {
  const answer = await ask(`/api/v1/query?query=${encodeURIComponent(expression)}`)
  const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } }
  return data.result.map(({ value }) => value[1])
}

describe('the monitor', () => {
  it('gives the labels of the target to what it scrapes, up included', async () => {
    const of = (family: string) => `${family}{job="glasslog",namespace="kafka",pod="kafka-0"}`
    await vi.waitFor(async () => expect(await values(of('up'))).toEqual(['1']), 10_000)
    expect(await values(of('glasslog_partitions'))).toHaveLength(1)
  })

  it('scrapes the broker and answers PromQL', async () => {
    await vi.waitFor(async () => expect(await values('up{job="glasslog"}')).toEqual(['1']), 10_000)
    await vi.waitFor(
      async () =>
        expect(await values('count_over_time(glasslog_partitions[1m]) > 2')).toHaveLength(1),
      10_000,
    )
    const body = new URLSearchParams({ query: 'sum(glasslog_partitions) > bool 0' })
    const posted = await ask('/api/v1/query', { method: 'POST', body })
    expect(await posted.json()).toMatchObject({
      status: 'success',
      data: { resultType: 'vector', result: [{ metric: {}, value: [expect.any(Number), '1'] }] },
    })
  })

  it('answers ranges, names, values and metadata as Grafana asks for them', async () => {
    const endMs = Date.now()
    const range = await ask(
      `/api/v1/query_range?query=up{job=%22glasslog%22}&start=${endMs / 1000 - 60}&end=${endMs / 1000}&step=1s`,
    )
    expect(await range.json()).toMatchObject({
      data: { resultType: 'matrix', result: [{ metric: { __name__: 'up', job: 'glasslog' } }] },
    })
    expect((await (await ask('/api/v1/label/job/values')).json()) as object).toEqual({
      status: 'success',
      data: ['glasslog', 'glasslog-monitor'],
    })
    expect(
      ((await (await ask('/api/v1/labels?match[]=up')).json()) as { data: string[] }).data,
    ).toEqual(['__name__', 'instance', 'job', 'namespace', 'pod'])
    const metadata = await ask('/api/v1/metadata?metric=glasslog_partitions')
    expect(await metadata.json()).toMatchObject({
      data: { glasslog_partitions: [{ type: 'gauge' }] },
    })
  })

  it.each([
    ['/api/v1/query?query=sum(', 400, 'bad_data', /1:5: parse error: unexpected end of input/],
    ['/api/v1/query', 400, 'bad_data', /"query": it is missing/],
    [
      '/api/v1/query_range?query=up{job=%22glasslog%22}&start=0&end=1e9&step=1',
      422,
      'execution',
      /11000 points/,
    ],
    ['/api/v1/series', 400, 'bad_data', /no match\[\]/],
    ['/api/v1/query?query=up&time=yesterday', 400, 'bad_data', /valid timestamp/],
  ])('refuses %s', async (path, status, errorType, message) => {
    const answer = await ask(path)
    expect(answer.status).toBe(status)
    expect(await answer.json()).toEqual({
      status: 'error',
      errorType,
      error: expect.stringMatching(message),
    })
  })

  it('lets in whom the broker lets in', async () => {
    const basic = `Basic ${Buffer.from(`x:${token}`).toString('base64')}`
    expect((await ask('/api/v1/labels', { headers: { authorization: basic } })).status).toBe(200)
    expect((await ask('/api/v1/labels', { headers: {} })).status).toBe(401)
    expect(
      (await ask('/api/v1/labels', { headers: { authorization: 'Bearer wrong' } })).status,
    ).toBe(401)
    expect((await ask('/healthz', { headers: {} })).status).toBe(200)
  })

  it('sends the token to nobody who took the address of a broker that died', async () => {
    const { port } = new URL(broker.adminUrl)
    await broker.end('SIGKILL')
    const tokens: (string | undefined)[] = []
    const asked = Promise.withResolvers<void>()
    const impostor = createServer((request, response) => {
      tokens.push(request.headers.authorization)
      if (tokens.length === 5) asked.resolve()
      response.end('{"status":"ok"}')
    })
    await new Promise<void>((resolve) => impostor.listen(Number(port), '127.0.0.1', resolve))
    await asked.promise
    impostor.close().closeAllConnections()
    expect(tokens.filter((one) => one !== undefined)).toEqual([])
    broker = await startBrokerProcess(directory.path)
    await vi.waitFor(async () => expect(await values('up')).toContain('1'), 10_000)
  }, 30_000)

  it('keeps what it has over a restart, one process at a time', async () => {
    const [first] = await values('min_over_time(timestamp(up)[5m:100ms])')
    const second = await runCommand('monitor', '--data-dir', directory.path, '--console-port', '0')
    expect(second).toMatchObject({
      code: 75,
      stderr: expect.stringContaining('in use by another process'),
    })
    expect(await monitor.end('SIGTERM')).toBe(0)
    monitor = await startMonitorProcess(directory.path, FLAGS)
    expect(Number((await values('min_over_time(timestamp(up)[5m:100ms])'))[0])).toBeLessThanOrEqual(
      Number(first),
    )
  })
})
