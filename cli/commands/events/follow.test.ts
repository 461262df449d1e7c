import { expect, it } from 'vitest'
import { AdminRefusal } from '../../admin-client.ts'
import { CommandFailure, EXIT } from '../../exit-codes.ts'
import { follow } from './follow.ts'

const away = (): CommandFailure => new CommandFailure('cannot reach it', EXIT.failed)
const refused = (status: number): AdminRefusal => new AdminRefusal(`no: ${status}`, status)

/** What asking for the stream brings, time after time: text and then, perhaps, a fault. */
type Script = readonly (readonly [text: string, fault?: Error])[]

async function run(script: Script): Promise<{ log: string[]; failure: unknown }> {
  const log: string[] = []
  const left = [...script]
  const messages = follow({
    async *open(lastId) {
      log.push(`open ${lastId}`)
      const [text, fault] = left.shift() ?? ['']
      yield Buffer.from(text)
      if (fault) throw fault
    },
    async wait(ms) {
      log.push(`wait ${ms}`)
    },
    isOver: () => left.length === 0,
    onLost: (reason) => log.push(reason),
  })
  try {
    for await (const { data } of messages) log.push(`got ${data}`)
  } catch (failure) {
    return { log, failure }
  }
  return { log, failure: null }
}

it('goes on behind the last message when the broker was away', async () => {
  const script: Script = [
    ['retry: 5\nid: 1\n\nid: 2\ndata: a\n\n'],
    ['', away()],
    ['', refused(503)],
    ['id: 4\ndata: b\n\n', away()],
    ['id: 5\ndata: c\n\n'],
  ]
  const { log, failure } = await run(script)
  expect(failure).toBeNull()
  expect(log).toEqual([
    ...['open null', 'got a', 'the stream has ended', 'wait 5'],
    ...['open 2', 'cannot reach it', 'wait 5'],
    ...['open 2', 'no: 503', 'wait 5'],
    ...['open 2', 'got b', 'cannot reach it', 'wait 5'],
    ...['open 4', 'got c'],
  ])
})

it('fails when it cannot begin, or is refused later', async () => {
  const none = await run([['', away()], ['']])
  expect([none.log, String(none.failure)]).toEqual([['open null'], String(away())])
  const forbidden = refused(403)
  const later = await run([['id: 1\n\n'], ['', forbidden], ['']])
  expect(later.failure).toBe(forbidden)
  expect(later.log.at(-1)).toBe('open 1')
})
