import { expect, it } from 'vitest'
import { HashedNumbers } from './hashed-numbers.ts'

it('finds every number by its hash, among others of the same hash and after many have gone', () => {
  const numbers = new HashedNumbers()
  const hashOf = (number: number) => (number % 997) * 0x9e37_79b1
  const found = (number: number) => numbers.find(hashOf(number), (one) => one === number)
  for (let number = 0; number < 5_000; number++) {
    expect(found(number)).toBeNull()
    numbers.add(hashOf(number), number)
  }
  expect(numbers.size).toBe(5_000)
  numbers.keep((number) => number % 3 === 0)
  expect(numbers.size).toBe(1_667)
  for (let number = 0; number < 5_000; number++)
    expect(found(number)).toBe(number % 3 === 0 ? number : null)
})
