import assert from 'node:assert/strict'
import { expectedRecord } from '../expected.ts'
import { named, numbered, recordCount } from '../interop.ts'
import { consumeRecords, consumeValues, produceRecords, produceValues } from './console.ts'

/** The console producer chooses partitions itself, so order is checked by the number in the header. */
export async function roundTrip(codec: string): Promise<void> {
  const topic = named(`roundtrip.${codec}`)
  const sent = Array.from({ length: recordCount }, (_, i) => {
    const { key, value } = expectedRecord(i)
    return { headers: `i:${i}`, key, value }
  })
  await produceRecords(topic, sent, codec)
  const latest = new Map<number, number>()
  const seen = new Set<number>()
  for (const { partition, headers, key, value } of await consumeRecords(topic, recordCount)) {
    const i = Number(headers?.replace('i:', ''))
    assert.ok(i > (latest.get(partition) ?? -1), `record ${i} is out of order`)
    latest.set(partition, i)
    seen.add(i)
    assert.deepEqual({ headers, key, value }, sent[i], `record ${i}`)
  }
  assert.equal(seen.size, recordCount, 'distinct records')
}

export async function headers(): Promise<void> {
  const sent = [
    { headers: 'a:1,a:2,b:,c:NULL,only:é', key: 'k', value: 'v' },
    { headers: null, key: null, value: null },
  ]
  await produceRecords(named('headers'), sent)
  const read = await consumeRecords(named('headers'), sent.length)
  assert.deepEqual(
    read.map(({ partition: _, ...record }) => record),
    sent,
  )
}

export async function autoCreate(): Promise<void> {
  await produceValues(named('auto'), numbered('auto', 10))
  assert.deepEqual(await consumeValues(named('auto'), 10), numbered('auto', 10))
}

export async function acks(): Promise<void> {
  const topic = named('acks')
  for (const level of ['0', '1', 'all'])
    await produceValues(topic, numbered(`acks-${level}`, 100), [
      `acks=${level}`,
      'enable.idempotence=false',
    ])
  const expected = ['0', '1', 'all'].flatMap((level) => numbered(`acks-${level}`, 100))
  assert.deepEqual(await consumeValues(topic, expected.length), expected)
}

export async function idempotent(): Promise<void> {
  const topic = named('idempotent')
  const values = numbered('once', 5000)
  await produceValues(topic, values, ['enable.idempotence=true', 'batch.size=500'])
  assert.deepEqual(await consumeValues(topic, values.length), values)
}
