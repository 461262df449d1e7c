import { describe, expect, test } from 'vitest'
import { CompactedLog } from './compaction/testing.ts'

describe('cleanup.policy=compact', () => {
  test('keeps the latest record of each key, at its offset', async () => {
    const table = await new CompactedLog().open()
    for (let i = 0; i < 30; i++) {
      await table.append([{ key: `k${i % 3}`, value: `v${i}-${'x'.repeat(40)}` }])
    }
    await table.roll()
    const before = await table.recordsFrom(0)
    await table.clean()
    const after = await table.recordsFrom(0)
    expect(after.length).toBeLessThan(10)
    expect(before).toEqual(expect.arrayContaining(after))
  })
})
