import { describe, expect, it } from 'vitest'
import type { PrioritySystem } from './scheduling-priority.ts'
import { lowerPriority } from './scheduling-priority.ts'

/** Threads by number with their niceness; what is asked of a number in `faults` fails so. */
function systemOf(
  niceness: Map<number, number>,
  faults: Readonly<Record<number, string>> = {},
): PrioritySystem {
  const check = (id: number) => {
    const fault = faults[id]
    if (fault !== undefined) throw new Error(`A system error occurred: uv_os_setpriority ${fault}`)
  }
  return {
    niceness(id) {
      check(id)
      return niceness.get(id) ?? 0
    },
    setNiceness: (id, value) => void niceness.set(id, value),
    threads: () => [...niceness.keys()].filter((id) => id !== 0),
  }
}

describe('a lower priority', () => {
  it('is for the process and for every thread that is there already', () => {
    const niceness = new Map([1, 2, 3].map((id) => [id, 0]))
    expect(lowerPriority(10, systemOf(niceness))).toBeNull()
    expect(Object.fromEntries(niceness)).toEqual({ 0: 10, 1: 10, 2: 10, 3: 10 })
  })

  it('raises nobody', () => {
    const niceness = new Map([
      [0, 15],
      [1, 15],
      [2, 10],
    ])
    expect(lowerPriority(10, systemOf(niceness))).toBeNull()
    expect(Object.fromEntries(niceness)).toEqual({ 0: 15, 1: 15, 2: 10 })
  })

  it('is for the others when a thread ends meanwhile', () => {
    const niceness = new Map([1, 2, 3].map((id) => [id, 0]))
    const gone = { 2: 'returned ESRCH (no such process)' }
    expect(lowerPriority(10, systemOf(niceness, gone))).toBeNull()
    expect(Object.fromEntries(niceness)).toEqual({ 0: 10, 1: 10, 2: 0, 3: 10 })
  })

  it('says why when it is not permitted, and throws nothing', () => {
    const fault = lowerPriority(10, systemOf(new Map([[1, 0]]), { 0: 'returned EPERM' }))
    expect(fault?.message).toContain('EPERM')
  })
})
