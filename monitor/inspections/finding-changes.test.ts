import { describe, expect, it } from 'vitest'
import { createSimDisk } from '../../kit/testing.ts'
import type { Finding } from './finding.ts'
import { findingId } from './finding.ts'
import { FindingBook, FindingsVersionError } from './finding-book.ts'
import type { SeenFinding } from './finding-changes.ts'
import { declaredFixed, MUTE_MS, muted, RERAISE_MS, unmuted } from './finding-changes.ts'

const DAY_MS = 86_400_000
const resource = { kind: 'topic', name: 'orders' } as const

const SEEN: SeenFinding = {
  id: findingId('tiny-batches', resource),
  ...{ check: 'tiny-batches', title: 'Tiny', area: 'clients', severity: 'important', resource },
  ...{ summary: 'Tiny batches.', evidence: { facts: [], chart: null }, cause: 'linger.ms is 0' },
  ...{ remedy: { steps: ['Raise it.'], action: null }, verify: 'Look again.' },
}

describe('findings', () => {
  /** Inspections at days, with what is done in between, and what is known in the end. */
  async function live(
    script: readonly (readonly [day: number, what: 'seen' | 'gone' | 'mute' | 'unmute' | 'fix'])[],
  ): Promise<Finding | null> {
    const disk = createSimDisk()
    await disk.makeDirectory('/monitor')
    let book = await FindingBook.open(disk, '/monitor/inspections')
    for (const [day, what] of script) {
      const atMs = day * DAY_MS
      if (what === 'seen') await book.take([SEEN], atMs)
      if (what === 'gone') await book.take([], atMs)
      if (what === 'mute') await book.change(SEEN.id, (one) => muted(one, 'alice', atMs + MUTE_MS))
      if (what === 'unmute') await book.change(SEEN.id, unmuted)
      if (what === 'fix') await book.change(SEEN.id, (one) => declaredFixed(one, 'bob', atMs))
      // A restart between any two steps changes nothing.
      book = await FindingBook.open(disk, '/monitor/inspections')
    }
    return book.get(SEEN.id)
  }

  it.each([
    ['is open once it is seen', [[0, 'seen']], { state: 'open', raises: 1 }],
    [
      'is raised once while it stays',
      [
        [0, 'seen'],
        [1, 'seen'],
        [6, 'seen'],
      ],
      { raises: 1 },
    ],
    [
      'is raised again after 7 days',
      [
        [0, 'seen'],
        [7, 'seen'],
        [8, 'seen'],
      ],
      { raises: 2 },
    ],
    [
      'is fixed when it is gone',
      [
        [0, 'seen'],
        [1, 'gone'],
      ],
      { state: 'fixed', fixedBy: null },
    ],
    [
      'is raised again when it comes back',
      [
        [0, 'seen'],
        [1, 'gone'],
        [2, 'seen'],
      ],
      { state: 'open', raises: 2, fixedAtMs: null },
    ],
    [
      'stays muted for a month',
      [
        [0, 'seen'],
        [1, 'mute'],
        [8, 'seen'],
        [30, 'seen'],
      ],
      { state: 'muted', mutedBy: 'alice', raises: 1 },
    ],
    [
      'is raised again after a month of silence',
      [
        [0, 'seen'],
        [1, 'mute'],
        [31, 'seen'],
      ],
      { state: 'open', raises: 2, mutedBy: null },
    ],
    [
      'can be heard again',
      [
        [0, 'seen'],
        [1, 'mute'],
        [2, 'unmute'],
      ],
      { state: 'open' },
    ],
    [
      'is fixed when it is gone, muted or not',
      [
        [0, 'seen'],
        [1, 'mute'],
        [2, 'gone'],
      ],
      { state: 'fixed' },
    ],
    [
      'stays muted when it goes and comes back',
      [
        [0, 'seen'],
        [1, 'mute'],
        [2, 'gone'],
        [3, 'seen'],
      ],
      { state: 'muted', mutedBy: 'alice', raises: 1, fixedAtMs: null },
    ],
    [
      'is raised when it comes back after the month',
      [
        [0, 'seen'],
        [1, 'mute'],
        [2, 'gone'],
        [31, 'seen'],
      ],
      { state: 'open', mutedBy: null, raises: 2 },
    ],
    [
      'gets 7 days when somebody says that it is fixed',
      [
        [0, 'seen'],
        [1, 'fix'],
        [2, 'seen'],
        [7, 'seen'],
      ],
      { state: 'fixed', fixedBy: 'bob', raises: 1 },
    ],
    [
      'is raised again when it was not fixed after all',
      [
        [0, 'seen'],
        [1, 'fix'],
        [8, 'seen'],
      ],
      { state: 'open', raises: 2, fixedBy: null },
    ],
  ] as const)('%s', async (_, script, expected) => {
    expect(await live(script)).toMatchObject(expected)
  })

  it('is forgotten a month after it was fixed', async () => {
    expect(
      await live([
        [0, 'seen'],
        [1, 'gone'],
        [32, 'gone'],
      ]),
    ).toBeNull()
    expect(RERAISE_MS).toBe(7 * DAY_MS)
  })

  it('refuses what a newer program wrote', async () => {
    const disk = createSimDisk()
    await disk.makeDirectory('/monitor')
    const book = await FindingBook.open(disk, '/monitor/inspections')
    await book.take([SEEN], 0)
    const file = await disk.open('/monitor/inspections/findings.json', 'write')
    await file.write([Buffer.from('{"version":2,"findings":[]}')], 0)
    await file.truncate(27)
    await file.close()
    await expect(FindingBook.open(disk, '/monitor/inspections')).rejects.toThrow(
      FindingsVersionError,
    )
  })
})
