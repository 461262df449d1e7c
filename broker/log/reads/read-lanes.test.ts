import { describe, expect, it } from 'vitest'
import { ReadLanes } from './read-lanes.ts'

/** Lanes, and actions that end when told to. */
function create(count: number) {
  const lanes = new ReadLanes(count)
  const started: string[] = []
  const begin = (name: string) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const result = lanes.run(() => {
      started.push(name)
      return promise
    })
    return { result, end: () => resolve(name), fail: () => reject(new Error(name)) }
  }
  return { started, begin }
}

describe('read lanes', () => {
  it('run so many at a time, and the others in the order in which they came', async () => {
    const { started, begin } = create(2)
    const [a, b, c, d] = [begin('a'), begin('b'), begin('c'), begin('d')]
    expect(started).toEqual(['a', 'b'])
    b.end()
    expect(await b.result).toBe('b')
    const late = begin('e')
    await Promise.resolve()
    expect(started).toEqual(['a', 'b', 'c'])
    for (const action of [a, c, d, late]) action.end()
    await Promise.all([a.result, c.result, d.result, late.result])
    expect(started).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it('go on after an action that failed', async () => {
    const { started, begin } = create(1)
    const [a, b] = [begin('a'), begin('b')]
    a.fail()
    await expect(a.result).rejects.toThrow('a')
    b.end()
    await b.result
    expect(started).toEqual(['a', 'b'])
  })
})
