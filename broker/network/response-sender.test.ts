import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createSimTime } from '../../kit/testing.ts'
import { ResponseSender } from './response-sender.ts'

const MIB = 1024 * 1024

/** A socket that keeps what it was given, a system call each, and takes it when told to. */
function create() {
  const calls: string[] = []
  const waiting: (() => void)[] = []
  const socket = new Writable({
    highWaterMark: 16 * MIB,
    write(chunk: Buffer, _encoding, done) {
      calls.push(describeBytes(chunk))
      waiting.push(done)
    },
    writev(chunks, done) {
      calls.push(chunks.map(({ chunk }) => describeBytes(chunk as Buffer)).join('+'))
      waiting.push(done)
    },
  })
  let progress = 0
  const sender = new ResponseSender(socket, createSimTime().clock, () => progress++)
  const taken: string[] = []
  const send = (...texts: string[]): void => {
    const pieces = texts.map((text) => Buffer.from(text))
    const sizeBytes = pieces.reduce((sum, { length }) => sum + length, 0)
    sender.send(pieces, sizeBytes, () => taken.push(texts.join('')))
  }
  const take = async (): Promise<void> => {
    waiting.shift()?.()
    await turn()
  }
  return { sender, calls, taken, send, take, progress: () => progress }
}

function describeBytes(bytes: Buffer): string {
  return bytes.length > 100 ? `${bytes.length} bytes` : bytes.toString()
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

describe('response sender', () => {
  it('writes what is ready at once with one call, joined when it is small', async () => {
    const { calls, taken, send, take } = create()
    send('a', 'b')
    await Promise.resolve().then(() => send('c'))
    expect(calls).toEqual([])
    await turn()
    expect(calls).toEqual(['abc'])
    expect(taken).toEqual([])
    await take()
    expect(taken).toEqual(['ab', 'c'])
  })

  it('writes one call after the other, in order, also what is sent when others were taken', async () => {
    const { sender, calls, taken, send, take } = create()
    sender.send([Buffer.from('first')], 5, () => {
      taken.push('first')
      send('third')
    })
    await turn()
    send('second')
    expect(calls).toEqual(['first'])
    await take()
    expect(calls).toEqual(['first', 'secondthird'])
    expect(sender.unsentBytes).toBe(11)
    await take()
    expect(taken).toEqual(['first', 'second', 'third'])
    expect(sender.unsentBytes).toBe(0)
  })

  it('copies nothing that is large, and writes it by the mebibyte', async () => {
    const { calls, send, take, progress } = create()
    send('head', 'x'.repeat(5000), 'y'.repeat(MIB), 'tail')
    await turn()
    expect(calls).toEqual([`head+5000 bytes+${MIB} bytes`])
    await take()
    expect(calls[1]).toBe('tail')
    expect(progress()).toBe(1)
  })

  it('writes a piece of many mebibytes in several calls, each of which is progress', async () => {
    const { sender, calls, taken, send, take, progress } = create()
    send('head', 'x'.repeat(3 * MIB + 5000))
    await turn()
    expect(calls).toEqual([`head+${MIB} bytes`])
    for (let n = 0; n < 3; n++) await take()
    expect(calls.slice(1)).toEqual([`${MIB} bytes`, `${MIB} bytes`, '5000 bytes'])
    expect([taken.length, progress(), sender.unsentBytes]).toEqual([0, 3, 5000])
    await take()
    expect([taken.length, progress(), sender.unsentBytes]).toEqual([1, 4, 0])
  })

  it('lets go of everything when the socket is gone', async () => {
    const { sender, calls, taken, send } = create()
    send('a')
    sender.close()
    send('b')
    await turn()
    expect(calls).toEqual([])
    expect(taken).toEqual(['a', 'b'])
  })
})
