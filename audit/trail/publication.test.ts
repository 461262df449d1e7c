import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readWholeFile, silentLogger, systemTimers } from '../../kit/index.ts'
import type { SimDisk } from '../../kit/testing.ts'
import { createSimDisk, createSimTime } from '../../kit/testing.ts'
import type { SignedCheckpoint } from '../checkpoint/checkpoint.ts'
import { parseCheckpoint } from '../checkpoint/checkpoint.ts'
import { parseVerifierKey } from '../checkpoint/note-keys.ts'
import { parseSignatureLines } from '../checkpoint/signed-note.ts'
import { testWitness } from '../checkpoint/testing.ts'
import { encodeRecord } from '../codec.ts'
import { consistencyProof, verifyConsistency } from '../merkle/proofs.ts'
import { TileTree } from '../merkle/tile-tree.ts'
import { firstRecord, signedHistory, testKey } from '../proof/testing.ts'
import { exampleRecord } from '../testing.ts'
import { CheckpointPublisher } from './checkpoint-publisher.ts'
import { fileTarget, outputTarget } from './checkpoint-targets.ts'
import { Cosignatures } from './cosignatures.ts'
import { witnessTarget } from './witness-target.ts'

const key = testKey(1)
const records = [firstRecord(key), ...Array.from({ length: 29 }, (_, at) => exampleRecord(at + 1))]
const sizes = [5, 12, 20, 30]
const history = signedHistory(
  records,
  sizes.map((size) => ({ size, key })),
)
const checkpoints = history.notes.map(parseCheckpoint)
const [first, second, third] = checkpoints as [SignedCheckpoint, SignedCheckpoint, SignedCheckpoint]
const tree = new TileTree(createSimDisk(), '/tree')
for (const record of records) tree.append(encodeRecord(record))

describe('a publisher of checkpoints', () => {
  it('brings them in order, and the newest after a while when the target fails', async () => {
    const time = createSimTime()
    const published: number[] = []
    let isDown = false
    const target = {
      name: 'test',
      async publish({ size }: SignedCheckpoint) {
        if (isDown) throw new Error('down')
        published.push(size)
      },
    }
    const publisher = new CheckpointPublisher(target, time.timers, silentLogger)
    publisher.offer(first)
    await time.settle()
    isDown = true
    publisher.offer(second)
    await time.settle()
    publisher.offer(third)
    await time.advance(1_500)
    expect(published).toEqual([5])
    expect(publisher.state).toMatchObject({ publishedSize: 5, failures: 2 })
    isDown = false
    await time.advance(10_000)
    expect(published).toEqual([5, 20])
    await publisher.stop()
    expect(time.pendingTimers).toBe(0)
  })

  it('brings one that is offered at the very moment when it is done', async () => {
    for (let turns = 0; turns < 20; turns++) {
      const time = createSimTime()
      const published: number[] = []
      const publish = async ({ size }: SignedCheckpoint): Promise<void> => {
        published.push(size)
      }
      const target = { name: 'test', publish }
      const publisher = new CheckpointPublisher(target, time.timers, silentLogger)
      publisher.offer(first)
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      publisher.offer(second)
      await time.settle()
      expect([turns, published.at(-1)]).toEqual([turns, 12])
      await publisher.stop()
    }
  })

  it('tries once more at the end', async () => {
    const time = createSimTime()
    let attempts = 0
    const publish = async (): Promise<void> => {
      attempts++
      throw new Error('down')
    }
    const publisher = new CheckpointPublisher({ name: 'test', publish }, time.timers, silentLogger)
    publisher.offer(first)
    await time.settle()
    await publisher.stop()
    expect(attempts).toBe(2)
    expect(time.pendingTimers).toBe(0)
  })
})

describe('a file that checkpoints are appended to', () => {
  it('has all of them, whatever was in it', async () => {
    const disk = createSimDisk()
    await disk.makeDirectory('/worm')
    for (const checkpoint of [first, second]) {
      const target = fileTarget(disk, '/worm/checkpoints')
      await target.publish(checkpoint)
      await target.close?.()
    }
    const file = await disk.open('/worm/checkpoints', 'read')
    const bytes = Buffer.alloc(await file.size())
    await file.read(bytes, 0)
    expect(bytes.toString()).toBe(`${first.text}\n${second.text}\n`)
  })

  it('is opened anew after a failure', async () => {
    const disk = createSimDisk()
    const target = fileTarget(disk, '/later/checkpoints')
    await expect(target.publish(first)).rejects.toThrow()
    await disk.makeDirectory('/later')
    await target.publish(first)
    await target.close?.()
  })
})

describe('the file of cosignatures', () => {
  const { cosign } = testWitness('witness.example/w1', 9)
  const [cosigned, other, last] = [first, second, third].map(
    ({ text }) => `${text}${cosign(text, 1)}\n`,
  )

  async function keepIn(disk: SimDisk, checkpoint: SignedCheckpoint): Promise<void> {
    const cosignatures = await Cosignatures.open(disk, '/audit')
    const [line] = parseSignatureLines(cosign(checkpoint.text, 1))
    if (line) await cosignatures.keep(checkpoint, line)
    await cosignatures.close()
  }

  async function diskWith(text: string): Promise<SimDisk> {
    const disk = createSimDisk()
    await disk.makeDirectory('/audit')
    const file = await disk.open('/audit/cosignatures', 'create')
    await file.write([Buffer.from(text)], 0)
    await file.close()
    return disk
  }

  it('has whole notes and nothing else, wherever a crash tore the last one', async () => {
    const whole = `${cosigned}${other}`
    for (let length = 0; length <= whole.length; length++) {
      const disk = await diskWith(whole.slice(0, length))
      await keepIn(disk, third)
      const before = length === whole.length ? whole : length < `${cosigned}`.length ? '' : cosigned
      const text = (await readWholeFile(disk, '/audit/cosignatures'))?.toString()
      expect(text, `cut at ${length}`).toBe(`${before}${last}`)
    }
  })

  it('loses no note to half a one that an earlier crash left in the middle', async () => {
    const torn = `${other?.slice(0, 40)}${cosigned}${other}`
    const disk = await diskWith(`${torn}${last?.slice(0, -1)}`)
    await keepIn(disk, third)
    expect((await readWholeFile(disk, '/audit/cosignatures'))?.toString()).toBe(`${torn}${last}`)
  })

  it('loses no note to a tail that is longer than what is looked at first', async () => {
    const disk = await diskWith(`${cosigned}${other}${'\0'.repeat(700 * 1024)}`)
    await keepIn(disk, third)
    const text = (await readWholeFile(disk, '/audit/cosignatures'))?.toString()
    expect(text).toBe(`${cosigned}${other}${last}`)
  })

  it('takes what reached the disk without what stands before it for torn', async () => {
    const hole = `${other}`.replaceAll(/[^\n]/g, '\0')
    const disk = await diskWith(`${cosigned}${hole}`)
    await keepIn(disk, third)
    const text = (await readWholeFile(disk, '/audit/cosignatures'))?.toString()
    expect(text).toBe(`${cosigned}${last}`)
  })
})

it('standard output gets a line of JSON', async () => {
  const lines: string[] = []
  await outputTarget((line) => lines.push(line)).publish(first)
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { type: 'glasslog-checkpoint', origin: first.origin, size: 5, checkpoint: first.text },
  ])
})

describe('a witness', () => {
  const witness = testWitness('witness.example/w1', 9)
  /** What the witness cosigned last, and whether it answers nonsense. */
  let seen: { size: number; root: Buffer } = { size: 0, root: Buffer.alloc(32) }
  let nonsense: { status: number; body: string } | null = null
  /** Bytes that it sent of an answer without end. */
  let endlessBytes: number | null = null
  const server = createServer(async (request, response) => {
    if (endlessBytes !== null) {
      response.writeHead(200)
      const piece = Buffer.alloc(1024 * 1024, 'x')
      // As fast as it is read, and never more than would show that it is.
      while (!response.destroyed && endlessBytes < 64 * piece.length) {
        endlessBytes += piece.length
        if (!response.write(piece)) await Promise.race([once(response, 'drain'), gone(response)])
      }
      response.end()
      return
    }
    const answer = nonsense ?? witnessAnswer(await bodyOf(request))
    const location = answer.status === 307 ? { location: `${url}elsewhere` } : {}
    response.writeHead(answer.status, location).end(answer.body)
  })
  let url = ''

  const gone = (response: ServerResponse) => once(response, 'close')

  async function bodyOf(request: IncomingMessage): Promise<string> {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    return Buffer.concat(pieces).toString()
  }

  /** As C2SP tlog-witness has it. */
  function witnessAnswer(body: string): { status: number; body: string } {
    const blank = body.indexOf('\n\n')
    const [oldLine = '', ...hashes] = body.slice(0, blank).split('\n')
    const checkpoint = parseCheckpoint(body.slice(blank + 2))
    const oldSize = Number(oldLine.replace('old ', ''))
    if (oldSize !== seen.size) return { status: 409, body: `${seen.size}\n` }
    const path = hashes.map((hash) => Buffer.from(hash, 'base64'))
    const { size, root } = checkpoint
    if (!verifyConsistency(oldSize, size, seen.root, root, path)) return { status: 422, body: '' }
    seen = { size, root }
    return { status: 200, body: witness.cosign(checkpoint.text, 1_700_000_000) }
  }

  beforeAll(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/submit/`
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  async function target() {
    const disk = createSimDisk()
    await disk.makeDirectory('/audit')
    const cosignatures = await Cosignatures.open(disk, '/audit')
    const options = {
      url,
      key: parseVerifierKey(witness.key),
      consistency: (oldSize: number, size: number) => consistencyProof(tree, oldSize, size),
      keep: cosignatures.keep.bind(cosignatures),
      timers: systemTimers,
    }
    return { cosignatures, target: witnessTarget(options) }
  }

  it('cosigns what is consistent, and the cosignature is kept', async () => {
    const { target: one, cosignatures } = await target()
    await one.publish(first)
    await one.publish(second)
    expect(cosignatures.last).toMatchObject({ size: 12 })
    const kept = parseCheckpoint(cosignatures.last?.text ?? '')
    expect(kept.note.signatures.map(({ name }) => name)).toEqual([key.name, 'witness.example/w1'])
  })

  it('says what it saw last to whoever does not know', async () => {
    const { target: restarted, cosignatures } = await target()
    await restarted.publish(third)
    expect(cosignatures.last?.size).toBe(20)
  })

  it.each([
    [{ status: 403, body: '' }, 'it answered 403'],
    [{ status: 409, body: '99\n' }, 'it saw 99 records'],
    [{ status: 200, body: testWitness('witness.example/w1', 10).cosign(third.text, 1) }, 'its key'],
  ])('that answers %j did not cosign', async (answer, message) => {
    const { target: one } = await target()
    nonsense = answer
    await expect(one.publish(checkpoints[3] ?? third)).rejects.toThrow(message)
    nonsense = null
  })

  it('that answers without end is read no further than an answer goes', async () => {
    const { target: one } = await target()
    endlessBytes = 0
    await expect(one.publish(checkpoints[3] ?? third)).rejects.toThrow('its answer is too long')
    expect(endlessBytes).toBeLessThan(32 * 1024 * 1024)
    endlessBytes = null
  })

  it('that redirects did not cosign', async () => {
    const { target: one } = await target()
    nonsense = { status: 307, body: '' }
    await expect(one.publish(checkpoints[3] ?? third)).rejects.toThrow('it answered 307')
    nonsense = null
  })

  it('that was wrong about what it saw is asked again', async () => {
    const { target: one, cosignatures } = await target()
    nonsense = { status: 409, body: '99\n' }
    await expect(one.publish(checkpoints[3] ?? third)).rejects.toThrow('it saw 99 records')
    nonsense = null
    await one.publish(checkpoints[3] ?? third)
    expect(cosignatures.last?.size).toBe(30)
  })
})
