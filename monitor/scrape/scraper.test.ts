import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { seededRandom, silentLogger, systemClock } from '../../kit/index.ts'
import { createSimDisk, createSimTime } from '../../kit/testing.ts'
import { PromqlEngine } from '../promql/index.ts'
import { DEFAULT_STORE_OPTIONS, SeriesStore } from '../series/index.ts'
import type { HttpGet } from './http-get.ts'
import { httpGet, inOnePiece } from './http-get.ts'
import { scheduleScrapes } from './schedule.ts'
import { TargetScraper } from './scraper.ts'
import type { ScrapeTarget } from './target.ts'
import { DEFAULT_SCRAPE_LIMITS } from './target.ts'

const TARGET: ScrapeTarget = {
  job: 'glasslog',
  instance: 'a:9644',
  url: 'http://a:9644/metrics',
  headers: {},
  ...DEFAULT_SCRAPE_LIMITS,
}
const PLATFORM = { clock: systemClock, random: seededRandom(1) }
const NO_DETAILS = { exemplar: () => undefined, metadata: () => undefined }

const cleanups: (() => void)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

/** A scraper of pages that are given one after the other; null is a target that is down. */
async function scraperOf(pages: readonly (string | null)[], target: ScrapeTarget = TARGET) {
  const store = await SeriesStore.open(
    createSimDisk(),
    'series',
    DEFAULT_STORE_OPTIONS,
    silentLogger,
  )
  const left = [...pages]
  const get: HttpGet = () => {
    const body = left.shift() ?? null
    if (body === null) return Promise.reject(new Error('connect ECONNREFUSED'))
    return Promise.resolve({
      status: 200,
      contentType: 'text/plain; version=0.0.4',
      body: inOnePiece(body),
    })
  }
  const scraper = new TargetScraper(target, get, store, NO_DETAILS, PLATFORM)
  return { store, scraper }
}

async function query(store: SeriesStore, expression: string, atMs: number): Promise<string[]> {
  const empty = new PromqlEngine({ select: () => [] })
  const source = await store.view(empty.selections(expression, atMs, atMs, 1))
  const { value } = new PromqlEngine(source).instant(expression, atMs)
  if (value.type !== 'vector') throw new Error(value.type)
  return value.series.map(({ labels, points }) => `${labels} ${points[0]?.[1]}`).sort()
}

describe('a scrape', () => {
  it('of a target that is scraped no longer leaves nothing behind, no alarm about it either', async () => {
    const { store, scraper } = await scraperOf(['a 1\n', null])
    await scraper.scrape(1_000)
    await scraper.scrape(16_000)
    expect(await query(store, 'up == 0', 17_000)).toHaveLength(1)
    scraper.end(20_000)
    expect(await query(store, '{__name__!=""}', 21_000)).toEqual([])
  })

  it('adds the labels of the target, and moves those aside that say something else', async () => {
    const target = { ...TARGET, labels: { namespace: 'kafka', pod: 'kafka-0' } }
    const { store, scraper } = await scraperOf(['a{pod="own",namespace="kafka"} 1\n'], target)
    await scraper.scrape(1_000)
    const ours = 'instance="a:9644", job="glasslog", namespace="kafka", pod="kafka-0"'
    expect(await query(store, '{__name__=~"a|up"}', 1_000)).toEqual([
      `{__name__="a", exported_pod="own", ${ours}} 1`,
      `{__name__="up", ${ours}} 1`,
    ])
  })

  it('adds job and instance, and tells about itself', async () => {
    const { store, scraper } = await scraperOf(['a 1\nb{job="own",instance="a:9644"} 2\n'])
    const report = await scraper.scrape(1_000)
    expect(report).toMatchObject({ samples: 2, error: null })
    expect(await query(store, '{__name__=~"a|b|up|scrape_samples_scraped"}', 1_000)).toEqual([
      '{__name__="a", instance="a:9644", job="glasslog"} 1',
      '{__name__="b", exported_job="own", instance="a:9644", job="glasslog"} 2',
      '{__name__="scrape_samples_scraped", instance="a:9644", job="glasslog"} 2',
      '{__name__="up", instance="a:9644", job="glasslog"} 1',
    ])
  })

  it('ends what does not come back, and everything of a target that is down', async () => {
    const { store, scraper } = await scraperOf(['a 1\nb 1\n', 'a 2\n', null, 'a 3\nb 3\n'])
    const names = async (atMs: number) =>
      (await query(store, 'count by (__name__) ({__name__=~"a|b"})', atMs)).join(' ')
    await scraper.scrape(1_000)
    expect(await names(1_000)).toBe('{__name__="a"} 1 {__name__="b"} 1')
    await scraper.scrape(2_000)
    expect(await names(2_000)).toBe('{__name__="a"} 1')
    const down = await scraper.scrape(3_000)
    expect(down.error).toBe('connect ECONNREFUSED')
    expect(await names(3_000)).toBe('')
    expect(await query(store, 'up', 3_000)).toEqual([
      '{__name__="up", instance="a:9644", job="glasslog"} 0',
    ])
    await scraper.scrape(4_000)
    expect(await names(4_000)).toBe('{__name__="a"} 1 {__name__="b"} 1')
  })

  it.each([
    ['garbage', 'a 1\nno metrics here\n', {}, 'line 2: no value: "metrics here"'],
    [
      'a label without a value',
      '# TYPE a gauge\na 1\nb{c} 1\n',
      {},
      'line 3: a label without a value: "c"',
    ],
    ['too many samples', 'a 1\nb 1\n', { maxSamples: 1 }, 'more than 1 samples'],
  ])('takes nothing of %s', async (_, page, limits, error) => {
    const { store, scraper } = await scraperOf([page], { ...TARGET, ...limits })
    expect((await scraper.scrape(1_000)).error).toBe(error)
    expect(await query(store, 'a', 1_000)).toEqual([])
    expect(await query(store, 'up', 1_000)).toEqual([
      '{__name__="up", instance="a:9644", job="glasslog"} 0',
    ])
  })

  it('that was not over when its target went leaves nothing behind either', async () => {
    const { store } = await scraperOf([])
    let isSecond = false
    const gate = Promise.withResolvers<void>()
    const halfway = Promise.withResolvers<void>()
    async function* body() {
      yield 'a 1\n'
      if (isSecond) {
        halfway.resolve()
        await gate.promise
      }
      yield 'b 1\n'
    }
    const get: HttpGet = async () => ({ status: 200, contentType: null, body: body() })
    const scraper = new TargetScraper(TARGET, get, store, NO_DETAILS, PLATFORM)
    await scraper.scrape(1_000)
    isSecond = true
    const second = scraper.scrape(16_000)
    await halfway.promise
    scraper.end(17_000)
    gate.resolve()
    expect((await second).error).toBe('the target is no longer scraped')
    expect(await query(store, '{__name__!=""}', 18_000)).toEqual([])
  })

  it('knows series again by their text, and forgets them when they do not come back', async () => {
    const page = (from: number) =>
      Array.from({ length: 600 }, (_, at) => `lag{partition="${from + at}"} ${at}\n`).join('')
    const pages = [0, 0, ...Array.from({ length: 25 }, () => 600), 300]
    const { store, scraper } = await scraperOf(pages.map(page))
    for (const at of pages.keys()) {
      expect((await scraper.scrape(at * 15_000)).samples).toBe(600)
      expect(await query(store, 'count(lag)', at * 15_000)).toEqual(['{} 600'])
    }
    expect(await query(store, 'lag{partition="450"}', 27 * 15_000)).toEqual([
      '{__name__="lag", instance="a:9644", job="glasslog", partition="450"} 150',
    ])
  })

  it('keeps a time that the target gives', async () => {
    const { store, scraper } = await scraperOf(['a 1 500\n'])
    await scraper.scrape(1_000)
    expect(await query(store, 'timestamp(a)', 1_000)).toEqual([
      '{instance="a:9644", job="glasslog"} 0.5',
    ])
  })

  it('leaves out samples of long ago and of the future, which would never leave the memory', async () => {
    const page = 'a 1 5500000\nb 1 20000000\nc 1 6500000\nd 1 9600000\n'
    const { store, scraper } = await scraperOf([page])
    const report = await scraper.scrape(9_200_000)
    expect(report).toMatchObject({ samples: 2, outOfBounds: 2, error: null })
    expect(await query(store, 'last_over_time({__name__=~"[a-d]"}[3h])', 9_600_000)).toEqual([
      '{__name__="c", instance="a:9644", job="glasslog"} 1',
      '{__name__="d", instance="a:9644", job="glasslog"} 1',
    ])
  })
})

describe('a page over HTTP', () => {
  async function served(
    respond: (write: (text: string) => void, end: () => void) => void,
  ): Promise<string> {
    const server = createServer((_, response) => {
      respond(
        (text) => response.write(text),
        () => response.end(),
      )
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    cleanups.push(() => server.close().closeAllConnections())
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`
  }
  const limits = { headers: {}, timeoutMs: 5_000, maxBodyBytes: 1_000 }
  async function whole(...[url, options]: Parameters<HttpGet>): Promise<string> {
    const { status, body } = await httpGet(url, options)
    expect(status).toBe(200)
    let text = ''
    for await (const piece of body) text += piece
    return text
  }

  it('is read whole', async () => {
    const url = await served((write, end) => {
      write('a 1\n')
      end()
    })
    expect(await whole(url, limits)).toBe('a 1\n')
  })

  it('that is too big, or never ends, is given up', async () => {
    const big = await served((write) => write('a 1\n'.repeat(1_000)))
    await expect(whole(big, limits)).rejects.toThrow('more than 1000 bytes')
    const endless = await served((write) => write('a 1\n'))
    await expect(whole(endless, { ...limits, timeoutMs: 50 })).rejects.toThrow(
      'no whole answer within 50 ms',
    )
  })
})

it('scrapes at its interval, and not twice at once', async () => {
  const time = createSimTime()
  const { scraper } = await scraperOf(Array.from({ length: 10 }, () => 'a 1\n'))
  const at: number[] = []
  const cancel = scheduleScrapes(scraper, time.clock, time.timers, (report) => at.push(report.at))
  await time.advance(60_000)
  cancel()
  await time.advance(60_000)
  expect(at).toHaveLength(4)
  expect(new Set(at.map((one) => one % TARGET.intervalMs)).size).toBe(1)
})
