import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, expect, it } from 'vitest'
import { RemotePrometheus } from './remote-prometheus.ts'

const cleanups: (() => void)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

interface Asked {
  readonly path: string | undefined
  readonly form: Readonly<Record<string, string>>
}

/** A server that answers everything with this, and remembers what it was asked. */
async function serve(status: number, answer: unknown): Promise<[RemotePrometheus, Asked[]]> {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    const form = Object.fromEntries(new URLSearchParams(await text(request)))
    asked.push({ path: request.url, form })
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return [new RemotePrometheus({ url: `http://127.0.0.1:${port}/`, authorization: null }), asked]
}

it('has the series of an expression over a range, for charts', async () => {
  const values = [
    [60, '1.5'],
    [75, '+Inf'],
  ]
  const result = [{ metric: { __name__: 'lag', group: 'billing' }, values }]
  const [remote, asked] = await serve(200, {
    status: 'success',
    data: { resultType: 'matrix', result },
  })
  const series = await remote.range('lag', 60_000, 75_500, 15_000)
  expect(series.map(({ labels, points }) => ({ labels: labels.toRecord(), points }))).toEqual([
    {
      labels: { __name__: 'lag', group: 'billing' },
      points: [
        [60_000, 1.5],
        [75_000, Number.POSITIVE_INFINITY],
      ],
    },
  ])
  expect(asked).toEqual([
    {
      path: '/api/v1/query_range',
      form: { query: 'lag', start: '60', end: '75.5', step: '15' },
    },
  ])
})

it.each([
  [
    'it refuses',
    422,
    { status: 'error', errorType: 'execution', error: 'too many points' },
    'too many points',
  ],
  ['it is something else', 404, 'nothing here', 'prometheus.url answered 404'],
  [
    'there are more series than a picture can show',
    200,
    { status: 'success', data: { resultType: 'matrix', result: ['x'.repeat(17 * 1024 ** 2)] } },
    'an answer of more than 16777216 bytes',
  ],
])('tells why there is no chart when %s', async (_, status, answer, reason) => {
  const [remote] = await serve(status, answer)
  await expect(remote.range('lag', 0, 60_000, 15_000)).rejects.toThrow(reason)
})
