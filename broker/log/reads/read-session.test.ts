import { expect, it } from 'vitest'
import { Arena } from '../memory/arena.ts'
import { ReadBuffers } from './read-buffers.ts'
import { ReadSession } from './read-session.ts'

const KIB = 1024

function create() {
  const arena = new Arena({
    ...{ chunkBytes: 4096, limitBytes: 8192, reserveBytes: 0 },
    onMemoryAdded: () => {},
    onMemoryRemoved: () => {},
  })
  const buffers = new ReadBuffers(1024 * KIB)
  const limits = { maxBytes: 100, atLeastOne: true, isolation: 'uncommitted' } as const
  return { buffers, session: new ReadSession(arena, buffers, limits) }
}

it('holds no large buffer for little of it', () => {
  const { buffers, session } = create()
  const buffer = session.takeBuffer(256 * KIB).fill('x')
  session.hold(buffer)
  const kept = session.keep(buffer.subarray(7, 107))
  expect(buffers.idleBytes).toBe(buffer.length)
  buffer.fill('y')
  expect(kept.toString()).toBe('x'.repeat(100))
  session.release()
  expect(buffers.idleBytes).toBe(buffer.length)
})

it('holds a buffer that is used well until it is released', () => {
  const { buffers, session } = create()
  const buffer = session.takeBuffer(256 * KIB)
  session.hold(buffer)
  const part = buffer.subarray(0, 64 * KIB)
  expect(session.keep(part)).toBe(part)
  expect(buffers.idleBytes).toBe(0)
  session.release()
  session.release()
  expect(buffers.idleBytes).toBe(buffer.length)
})
