import { expect, it } from 'vitest'
import { loads } from '../loads/index.ts'
import { blames } from './blames.ts'
import { goals } from './goals.ts'

const names = loads.map(({ name }) => name)

it('sets goals for loads that there are', () => {
  expect(goals.filter(({ load }) => !names.includes(load))).toEqual([])
})

it('blames only for loads that have a goal', () => {
  const withGoal = new Set(goals.map(({ load }) => load))
  expect(Object.keys(blames).filter((name) => !withGoal.has(name))).toEqual([])
})
