import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../kit/index.ts'
import type { Stage } from '../handlers/index.ts'
import type { PipelinedRequest } from './request-pipeline.ts'
import { RequestPipeline } from './request-pipeline.ts'

interface Bench {
  readonly log: string[]
  readonly pipeline: RequestPipeline
  add(name: string, stage: Stage, settlesAtOnce?: boolean): void
  settle(name: string): void
}

function bench(options: { maxReads?: number; mayStart?: () => boolean } = {}): Bench {
  const log: string[] = []
  const requests = new Map<string, PipelinedRequest>()
  const pipeline = new RequestPipeline(options.maxReads ?? 10, options.mayStart ?? (() => true))
  return {
    log,
    pipeline,
    add(name, stage, settlesAtOnce = false) {
      const request: PipelinedRequest = {
        stage,
        isSettled: false,
        start() {
          log.push(`start ${name}`)
          if (settlesAtOnce) pipeline.settle(request)
        },
        release: () => log.push(`release ${name}`),
        abandon: () => log.push(`abandon ${name}`),
      }
      requests.set(name, request)
      pipeline.add(request)
    },
    settle(name) {
      const request = requests.get(name)
      if (request) pipeline.settle(request)
    },
  }
}

describe('RequestPipeline', () => {
  it('lets appends and reads overlap and releases them in order', () => {
    const { log, add, settle } = bench()
    add('a', 'append')
    add('f', 'read')
    add('b', 'append')
    expect(log).toEqual(['start a', 'start f', 'start b'])
    log.length = 0
    settle('b')
    settle('f')
    expect(log).toEqual([])
    settle('a')
    expect(log).toEqual(['release a', 'release f', 'release b'])
  })

  it('gives an ordered request the connection for itself', () => {
    const { log, add, settle } = bench()
    add('a', 'append')
    add('m', 'ordered')
    add('b', 'append')
    expect(log).toEqual(['start a'])
    settle('a')
    expect(log).toEqual(['start a', 'release a', 'start m'])
    settle('m')
    expect(log).toEqual(['start a', 'release a', 'start m', 'release m', 'start b'])
  })

  it('starts the next of many that settle at once, without nesting', () => {
    const { log, add, pipeline } = bench()
    for (let i = 0; i < 3; i++) add(`m${i}`, 'ordered', true)
    expect(log).toEqual([
      ...['start m0', 'release m0'],
      ...['start m1', 'release m1'],
      ...['start m2', 'release m2'],
    ])
    expect(pipeline.size).toBe(0)
  })

  it('bounds the reads that run at once, and keeps the order behind them', () => {
    const { log, add, settle } = bench({ maxReads: 1 })
    add('f', 'read')
    add('g', 'read')
    add('a', 'append')
    expect(log).toEqual(['start f'])
    settle('f')
    expect(log).toEqual(['start f', 'release f', 'start g', 'start a'])
  })

  it('starts nothing while the socket is behind', () => {
    let isOpen = false
    const { log, add, pipeline } = bench({ mayStart: () => isOpen })
    add('a', 'append')
    expect(log).toEqual([])
    isOpen = true
    pipeline.advance()
    expect(log).toEqual(['start a'])
  })

  it('settles a request once, and forgets all when abandoned', () => {
    const { log, add, settle, pipeline } = bench()
    add('a', 'append')
    add('b', 'append')
    settle('b')
    settle('b')
    pipeline.abandon()
    settle('a')
    expect(log).toEqual(['start a', 'start b', 'abandon a', 'abandon b'])
    expect(pipeline.size).toBe(0)
  })

  it('keeps starts and releases in order, whatever settles when', () => {
    const random = seededRandom(3)
    const stages: readonly Stage[] = ['append', 'read', 'ordered']
    for (let run = 0; run < 200; run++) {
      const { log, add, settle, pipeline } = bench({ maxReads: 2 })
      const names = Array.from({ length: 12 }, (_, index) => String(index))
      for (const name of names) {
        add(name, stages[random.below(3)] ?? 'append', random.below(4) === 0)
        if (random.below(2) === 0) settle(startedAndOpen(log, random.below(5)))
      }
      for (let i = 0; i < 500 && pipeline.size > 0; i++)
        settle(startedAndOpen(log, random.below(5)))
      expect(log.filter((line) => line.startsWith('start'))).toEqual(names.map((n) => `start ${n}`))
      expect(log.filter((line) => line.startsWith('rel'))).toEqual(names.map((n) => `release ${n}`))
    }
  })
})

/** A request that has started and is not released, counted from the oldest. */
function startedAndOpen(log: readonly string[], index: number): string {
  const released = new Set(
    log.filter((line) => line.startsWith('release')).map((line) => line.slice('release '.length)),
  )
  const open = log
    .filter((line) => line.startsWith('start'))
    .map((line) => line.slice('start '.length))
    .filter((name) => !released.has(name))
  return open[index % Math.max(1, open.length)] ?? ''
}
