import { describe, expect, it } from 'vitest'
import { createSimTime } from '../../../kit/testing.ts'
import { DiskTurns } from './disk-turns.ts'

function create() {
  const time = createSimTime()
  const appends = { areWaiting: true }
  const turns = new DiskTurns({ areAppendsWaiting: () => appends.areWaiting, ...time })
  const gone: string[] = []
  const read = (name: string): void => {
    void Promise.resolve(turns.wait()).then(() => gone.push(name))
  }
  return { time, appends, turns, gone, read }
}

describe('turns of the disk', () => {
  it('lets a read begin at once when no append waits', () => {
    const { appends, turns, time } = create()
    appends.areWaiting = false
    expect(turns.wait()).toBeUndefined()
    expect(time.pendingTimers).toBe(0)
  })

  it('gives all that wait a turn after each sync, though more appends wait', async () => {
    const { time, turns, gone, read } = create()
    read('a')
    read('b')
    await time.settle()
    expect(gone).toEqual([])
    turns.next()
    read('c')
    await time.settle()
    expect(gone).toEqual(['a', 'b'])
    turns.next()
    await time.settle()
    expect(gone).toEqual(['a', 'b', 'c'])
    expect(time.pendingTimers).toBe(0)
  })

  it('lets reads go on when no sync ends', async () => {
    const { time, gone, read } = create()
    read('a')
    await time.advance(9)
    expect(gone).toEqual([])
    await time.advance(1)
    expect(gone).toEqual(['a'])
  })

  it('is shared while an append waits, and for a second after the last has become durable', async () => {
    const { time, appends, turns } = create()
    expect(turns.isShared).toBe(true)
    appends.areWaiting = false
    expect(turns.isShared).toBe(false)
    turns.next()
    await time.advance(999)
    expect(turns.isShared).toBe(true)
    await time.advance(1)
    expect(turns.isShared).toBe(false)
  })
})
