import { expect, it } from 'vitest'
import type { Mode } from './gate.ts'
import { Gate } from './gate.ts'

it('lets shared work overlap, exclusive work be alone, and nobody overtake', () => {
  const gate = new Gate()
  const running = new Set<string>()
  const enter = (name: string, mode: Mode): (() => void) => {
    gate.enter(mode, () => running.add(name))
    return () => {
      running.delete(name)
      gate.leave(mode)
    }
  }
  const leaveA = enter('a', 'shared')
  const leaveB = enter('b', 'shared')
  const leaveC = enter('c', 'exclusive')
  const leaveD = enter('d', 'shared')
  const leaveE = enter('e', 'shared')
  expect([...running]).toEqual(['a', 'b'])
  leaveA()
  expect([...running]).toEqual(['b'])
  leaveB()
  expect([...running]).toEqual(['c'])
  leaveC()
  expect([...running]).toEqual(['d', 'e'])
  expect(gate.isIdle).toBe(false)
  leaveD()
  leaveE()
  expect(gate.isIdle).toBe(true)
})

it('does not pile up calls when work is done as soon as it is let in', () => {
  const gate = new Gate()
  let depth = 0
  let deepest = 0
  let done = 0
  gate.enter('exclusive', () => {})
  for (let i = 0; i < 1_000; i++) {
    gate.enter('exclusive', () => {
      deepest = Math.max(deepest, ++depth)
      done++
      gate.leave('exclusive')
      depth--
    })
  }
  gate.leave('exclusive')
  expect({ done, deepest }).toEqual({ done: 1_000, deepest: 1 })
})
