import { cp, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Broker } from '../../broker/index.ts'
import { temporaryDirectory } from '../support/broker-process.ts'
import {
  COMMITTED,
  consume,
  GROUP,
  kafkaOf,
  produce,
  RECORDS,
  recordValue,
  TRIMMED_TO,
} from './kept-content.ts'
import { startSmallBroker } from './small-broker.ts'

/** A data directory of every released version, left by a kill, opens and is whole (invariant 8). */

const DATA = join(import.meta.dirname, 'data')

const cleanUps: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

async function openCopy(version: string): Promise<Broker> {
  const directory = await temporaryDirectory()
  cleanUps.push(() => directory.remove())
  await cp(join(DATA, version), directory.path, { recursive: true })
  const broker = await startSmallBroker(directory.path)
  cleanUps.push(() => broker.stop())
  return broker
}

const range = (topic: string, from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, n) => recordValue(topic, from + n))

describe.each(await readdir(DATA))('the data directory of %s', (version) => {
  it('has every record, offset and topic', async () => {
    const kafka = kafkaOf(await openCopy(version))
    expect(await consume(kafka, 'steady', RECORDS)).toEqual(range('steady', 0, RECORDS))
    expect(await consume(kafka, 'crashed', RECORDS)).toEqual(range('crashed', 0, RECORDS))
    expect(await consume(kafka, 'trimmed', RECORDS - TRIMMED_TO)).toEqual(
      range('trimmed', TRIMMED_TO, RECORDS),
    )
    const admin = kafka.admin()
    await admin.connect()
    expect((await admin.listTopics()).filter((name) => !name.startsWith('__')).sort()).toEqual([
      'crashed',
      'steady',
      'trimmed',
    ])
    const [offsets] = await admin.fetchOffsets({ groupId: GROUP, topics: ['steady'] })
    expect(offsets?.partitions[0]?.offset).toBe(String(COMMITTED))
    await admin.disconnect()
  })

  it('takes new records after the old ones', async () => {
    const kafka = kafkaOf(await openCopy(version))
    await produce(kafka, 'crashed', RECORDS, RECORDS + 1)
    expect(await consume(kafka, 'crashed', RECORDS + 1)).toEqual(range('crashed', 0, RECORDS + 1))
  })
})
