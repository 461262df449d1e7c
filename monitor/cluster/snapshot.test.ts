import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { AdminClient } from './admin-client.ts'
import { gatherSnapshot } from './snapshot.ts'

/** How a broker is asked for its state: clients wait for as long as an answer is made. */

const TOPICS = Array.from({ length: 250 }, (_, at) => ({ name: `t${at}` }))

interface Asked {
  readonly path: string
  readonly limit: number | null
}

let asked: Asked[]
let mostAtOnce: number
let admin: AdminClient
let close: () => void

beforeEach(async () => {
  asked = []
  mostAtOnce = 0
  let atOnce = 0
  const server = createServer((request, response) => {
    const { pathname: path, searchParams } = new URL(request.url ?? '', 'http://broker')
    const limit = searchParams.get('limit')
    asked.push({ path, limit: limit === null ? null : Number(limit) })
    mostAtOnce = Math.max(mostAtOnce, ++atOnce)
    // Whoever asks for more meanwhile is here by then.
    setImmediate(() => {
      atOnce--
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(answerOf(path, Number(limit), searchParams.get('cursor'))))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  admin = new AdminClient(async () => ({ url, token: 't' }))
  close = () => {
    server.closeAllConnections()
    server.close()
  }
})

afterEach(() => close())

function answerOf(path: string, limit: number, cursor: string | null): object {
  if (path !== '/v1/topics') return { next: null }
  const from = Number(cursor ?? 0)
  const next = from + limit < TOPICS.length ? String(from + limit) : null
  return { topics: TOPICS.slice(from, from + limit), next }
}

it('one thing after the other, in small pages', async () => {
  const none = async () => []
  const snapshot = await gatherSnapshot({ admin, query: { instant: none, range: none } }, 0, 60_000)
  expect(snapshot.topics).toEqual(TOPICS)
  expect(mostAtOnce).toBe(1)
  expect(asked.filter(({ path }) => path === '/v1/topics')).toHaveLength(3)
  const large = asked.filter(({ limit }) => limit !== null && limit > 100)
  // Groups come by their lag: it is looked at in all of them for each page.
  expect(large.map(({ path }) => path)).toEqual(['/v1/groups'])
})
