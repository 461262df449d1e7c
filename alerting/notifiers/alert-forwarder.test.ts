import { expect, it } from 'vitest'
import { openRealDisk, seededRandom, silentLogger } from '../../kit/index.ts'
import { createSimTime } from '../../kit/testing.ts'
import { normalizeAlert } from '../alerts/alert.ts'
import { alertNamed, MINUTE_MS } from '../testing.ts'
import { createAlertForwarder } from './alert-forwarder.ts'

it('tells another Alertmanager of alerts again and again, until they are over', async () => {
  const { clock, timers, advance, settle } = createSimTime()
  let status = 200
  const posts: { labels: { alertname: string }; endsAt: string }[][] = []
  const forwarder = createAlertForwarder(
    {
      send: async ({ url, body }) => {
        expect(url).toBe('http://other:9093/api/v2/alerts')
        if (status === 200) posts.push(JSON.parse(body.toString()))
        return { status, retryAfter: null, text: '' }
      },
      secrets: { read: async () => '' },
      disk: openRealDisk(),
      clock,
      random: seededRandom(1),
    },
    timers,
    silentLogger,
    {
      url: 'http://other:9093',
      http: { authorization: null, tls: { caFile: null, serverName: null, verify: true } },
      timeoutMs: 1_000,
    },
  )
  const alert = (name: string) => normalizeAlert(alertNamed(name, clock.now()), clock.now())
  const taken = () => posts.splice(0).map((post) => post.map(({ labels }) => labels.alertname))
  forwarder.forward([alert('A'), alert('B')])
  await settle()
  expect(posts[0]?.map(({ endsAt }) => Date.parse(endsAt) - clock.now())).toEqual([
    240_000, 240_000,
  ])
  expect(taken()).toEqual([['A', 'B']])
  // Told again at each evaluation, sent again once a minute.
  forwarder.forward([alert('A'), alert('B')])
  await settle()
  expect(taken()).toEqual([])
  await advance(MINUTE_MS)
  expect(taken()).toEqual([['A', 'B']])
  status = 503
  forwarder.forward([{ ...alert('B'), endsAtMs: clock.now() }, alert('C')])
  await settle()
  status = 200
  await advance(MINUTE_MS)
  expect(taken()).toEqual([['A', 'B', 'C']])
  // A and C are not repeated any more; B is over, and told of for a quarter of an hour.
  await advance(5 * MINUTE_MS)
  taken()
  await advance(MINUTE_MS)
  expect(taken()).toEqual([['B']])
  await advance(15 * MINUTE_MS)
  taken()
  await advance(2 * MINUTE_MS)
  expect(taken()).toEqual([])
  await forwarder.stop()
})
