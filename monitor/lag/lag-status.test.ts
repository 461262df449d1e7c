import { describe, expect, it } from 'vitest'
import type { PartitionStatus } from './lag-status.ts'
import { groupStatus, partitionStatus, worstStatus } from './lag-status.ts'

/**
 * Each row is a partition: commits as `offset@second:lag`, ends of the log as `offset@second`, both in
 * order; it is second 100, and the consumer is so many records behind.
 */
const ROWS: readonly (readonly [
  rule: string,
  commits: string,
  ends: string,
  lag: number | null,
  status: PartitionStatus,
])[] = [
  ['no commits', '', '500@95', 500, 'OK'],
  ['not behind', '100@10:0 100@20:0', '100@95', 0, 'OK'],
  ['the end is not known', '100@10:0', '', null, 'OK'],
  ['silent for longer than the window', '10@10:5 20@40:8', '40@50 60@95', 40, 'STOP'],
  ['as silent as the window is long', '10@20:5 20@60:8', '40@70 60@95', 40, 'WARN'],
  ['silent, but caught up a moment ago', '10@10:5 20@40:0', '20@90 60@99', 40, 'OK'],
  ['a single commit just now', '10@90:5', '15@90', 5, 'STALL'],
  ['a single commit, then silence', '10@70:5', '15@75', 5, 'STOP'],
  ['a lower commit', '50@40:9 20@60:40 30@95:40', '70@95', 40, 'REWIND'],
  ['a lower commit that was made good', '50@40:9 20@60:40 55@95:8', '95@95', 40, 'OK'],
  [
    'only the first lower commit is looked at',
    '50@30:9 20@50:40 55@70:8 30@95:40',
    '95@95',
    40,
    'OK',
  ],
  ['a stop comes before a rewind', '50@10:9 20@20:40', '70@95', 40, 'STOP'],
  ['caught up once in the window', '10@20:5 20@60:0 20@95:30', '50@95', 30, 'OK'],
  ['commits without getting on', '20@20:5 20@60:15 20@95:30', '50@95', 30, 'STALL'],
  ['a rewind comes before a stall', '30@20:5 20@60:15 20@95:30', '50@95', 30, 'REWIND'],
  ['gets on and falls behind', '20@20:5 30@60:15 40@95:30', '70@95', 30, 'WARN'],
  ['gets on and keeps its distance', '20@20:5 30@60:5 40@95:5', '45@95', 5, 'WARN'],
  ['came nearer once', '20@20:15 30@60:5 40@95:30', '70@95', 30, 'OK'],
]

const seconds = (text: string) => Number(text) * 1000

function commitsOf(text: string) {
  return [...text.matchAll(/(\d+)@(\d+):(\d+)/g)].map(([, offset, at, lag]) => ({
    ...{ offset: Number(offset), atMs: seconds(at ?? ''), lag: Number(lag) },
  }))
}

function endsOf(text: string) {
  return [...text.matchAll(/(\d+)@(\d+)/g)].map(([, offset, at]) => ({
    ...{ offset: Number(offset), atMs: seconds(at ?? '') },
  }))
}

describe('partitionStatus', () => {
  it.each(ROWS)('%s', (_, commits, ends, currentLag, expected) => {
    const window = { commits: commitsOf(commits), logEnds: endsOf(ends), currentLag }
    expect(partitionStatus(window, 100_000)).toBe(expected)
  })

  it('says nothing of a window that is not complete enough', () => {
    const window = {
      commits: commitsOf('10@10:5 20@40:8'),
      logEnds: endsOf('60@95'),
      currentLag: 40,
    }
    const rules = { commitsKept: 10, minCompleteRatio: 0.5, allowedLag: 0, minSilenceMs: 0 }
    expect(partitionStatus(window, 100_000, rules)).toBe('OK')
    expect(partitionStatus(window, 100_000, { ...rules, minCompleteRatio: 0.2 })).toBe('STOP')
  })

  it('lets a consumer be behind by what is allowed', () => {
    const window = { commits: commitsOf('10@10:5'), logEnds: endsOf('60@95'), currentLag: 40 }
    const rules = { commitsKept: 10, minCompleteRatio: 0, allowedLag: 40, minSilenceMs: 0 }
    expect(partitionStatus(window, 100_000, rules)).toBe('OK')
  })
})

describe('groupStatus', () => {
  it('is the worst of the partitions, with one name for what is an error', () => {
    expect(worstStatus(['OK', 'STALL', 'STOP', 'WARN'])).toBe('STALL')
    expect(worstStatus([])).toBe('OK')
    expect((['OK', 'WARN', 'STOP', 'STALL', 'REWIND'] as const).map(groupStatus)).toEqual([
      ...['OK', 'WARN', 'ERR', 'ERR', 'ERR'],
    ])
  })
})
