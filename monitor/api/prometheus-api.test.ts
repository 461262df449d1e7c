import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import fastify from 'fastify'
import { afterEach, expect, it } from 'vitest'
import { Cleanups, silentLogger, systemClock, systemTimers } from '../../kit/index.ts'
import { createSimDisk } from '../../kit/testing.ts'
import { MetricDetails } from '../details.ts'
import type { QueryOutcome } from '../query/index.ts'
import { QueryThreads } from '../query/index.ts'
import { DEFAULT_STORE_OPTIONS, SeriesStore } from '../series/index.ts'
import { addPrometheusApi } from './prometheus-api.ts'

let cleanups = new Cleanups()
afterEach(async () => {
  await cleanups.run()
  cleanups = new Cleanups()
})

/** The API over a store without series; `ended` resolves with how the first query ended. */
async function serve() {
  const disk = createSimDisk()
  const store = await SeriesStore.open(disk, 'series', DEFAULT_STORE_OPTIONS, silentLogger)
  cleanups.add('store', () => store.close())
  const parts = { store, clock: systemClock, timers: systemTimers, logger: silentLogger }
  const limits = { timeoutMs: 600_000, maxSamples: 1_000_000_000, maxConcurrency: 1 }
  const queries = new QueryThreads(parts, limits)
  cleanups.add('queries', () => queries.close())
  const app = fastify()
  cleanups.add('server', () => app.close())
  const ended = Promise.withResolvers<QueryOutcome>()
  addPrometheusApi(app, {
    ...{ store, queries, details: new MetricDetails(), clock: systemClock },
    onQuery: (outcome) => ended.resolve(outcome),
  })
  return { app, queries, ended: ended.promise }
}

it('a query is ended when the client closes its connection', async () => {
  const { app, queries, ended } = await serve()
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const client = connect(port, '127.0.0.1')
  // Some minutes of work.
  const endless = 'quantile_over_time(0.5,sum_over_time(vector(1)[5h:100ms])[5h:1s])'
  client.write(`GET /api/v1/query?query=${endless} HTTP/1.1\r\nHost: here\r\n\r\n`)
  while (queries.running === 0) await nextTurn()
  client.destroy()
  expect(await ended).toMatchObject({ kind: 'error', errorType: 'canceled' })
})

it.each(['GET', 'POST'] as const)(
  '%s /api/v1/parse_query says how an expression is read',
  async (method) => {
    const { app } = await serve()
    const ask = async (query: string) => {
      const url = `/api/v1/parse_query?query=${encodeURIComponent(query)}`
      return (await app.inject({ method, url })).json()
    }
    expect(await ask('-a')).toMatchObject({
      status: 'success',
      data: { type: 'unaryExpr', expr: { type: 'vectorSelector', name: 'a' } },
    })
    expect(await ask('a{')).toMatchObject({ status: 'error', errorType: 'bad_data' })
  },
)
