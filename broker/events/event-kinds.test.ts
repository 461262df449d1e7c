import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { eventKindNames, eventKinds } from './event-kinds.ts'

const root = join(import.meta.dirname, '../..')

describe('every kind of event', () => {
  it.each(eventKindNames)('%s says what there is to do, in sentences', (kind) => {
    const { when, remedy } = eventKinds[kind]
    expect(when).toMatch(/^[A-Z].*\.$/)
    expect(remedy).toMatch(/^[A-Z].*\.$/)
  })

  it.each(eventKindNames)('%s names the test that has it happen', (kind) => {
    const path = join(root, eventKinds[kind].movedBy)
    expect(existsSync(path)).toBe(true)
    expect(readFileSync(path, 'utf8').includes(kind)).toBe(true)
  })
})
