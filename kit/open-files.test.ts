import { closeSync, openSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { countEntriesOfOpenFiles, countOpenFiles } from './open-files.ts'

describe.runIf(process.platform === 'linux')('files that this process has open', () => {
  it.each([countOpenFiles, countEntriesOfOpenFiles])('%o', async (count) => {
    const before = await count()
    const opened = Array.from({ length: 3_000 }, () => openSync(import.meta.filename, 'r'))
    const after = await count()
    for (const file of opened) closeSync(file)
    expect(before).toBeGreaterThan(2)
    // Others of this process may open or close some meanwhile.
    expect(Math.abs((after ?? 0) - (before ?? 0) - opened.length)).toBeLessThan(20)
  })
})
