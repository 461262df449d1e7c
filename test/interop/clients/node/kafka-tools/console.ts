import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { endGroup, startChild } from '../../../harness/child.ts'
import { until } from '../interop.ts'
import { commandOf, run } from './tools.ts'

const IDLE_MS = '15000'

/** A record as the console consumer prints it; null is null, not the text. */
export type Printed = {
  readonly partition: number
  readonly headers: string | null
  readonly key: string | null
  readonly value: string | null
}

const NULL = 'NULL'
const NO_HEADERS = 'NO_HEADERS'
const PRINT = [
  'print.partition=true',
  'print.headers=true',
  'print.key=true',
  `null.literal=${NULL}`,
]
const PARSE = ['parse.headers=true', 'parse.key=true', `null.marker=${NULL}`]

/** Sends values, one a line, through kafka-console-producer. */
export async function produceValues(
  topic: string,
  values: readonly string[],
  settings: readonly string[] = [],
): Promise<void> {
  const flags = settings.flatMap((setting) => ['--producer-property', setting])
  await run('kafka-console-producer', ['--topic', topic, ...flags], lines(values))
}

/** Sends records with headers (`name:value,...`), keys and values, any of which may be null. */
export async function produceRecords(
  topic: string,
  records: readonly Omit<Printed, 'partition'>[],
  codec = 'none',
): Promise<void> {
  const text = records.map((record) =>
    [record.headers, record.key, record.value].map((field) => field ?? NULL).join('\t'),
  )
  await run(
    'kafka-console-producer',
    ['--topic', topic, '--compression-codec', codec, ...properties(PARSE)],
    lines(text),
  )
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('')
}

function properties(settings: readonly string[]): string[] {
  return settings.flatMap((setting) => ['--property', setting])
}

/** Reads partition 0 without a group, which spares the wait for a first rebalance. */
const ONE_PARTITION = ['--partition', '0', '--offset', 'earliest']

/** Reads a topic from its beginning, or a group from its place, until `count` records came. */
export async function consumeRecords(
  topic: string,
  count: number,
  args: readonly string[] = ['--from-beginning'],
): Promise<Printed[]> {
  const limit = ['--max-messages', String(count), '--timeout-ms', IDLE_MS]
  const output = await run('kafka-console-consumer', [
    '--topic',
    topic,
    ...limit,
    ...args,
    ...properties(PRINT),
  ])
  const records = output.split('\n').filter((line) => line.startsWith('Partition:'))
  assert.equal(records.length, count, 'records')
  return records.map((line) => {
    const [partition, headers, key, value] = line.split('\t')
    return {
      partition: Number(partition?.replace('Partition:', '')),
      headers: headers === NO_HEADERS ? null : orNull(headers),
      key: orNull(key),
      value: orNull(value),
    }
  })
}

function orNull(text: string | undefined): string | null {
  return text === undefined || text === NULL ? null : text
}

export async function consumeValues(
  topic: string,
  count: number,
  args: readonly string[] = ONE_PARTITION,
): Promise<(string | null)[]> {
  return (await consumeRecords(topic, count, args)).map(({ value }) => value)
}

/** A console consumer in a group, running until it is stopped. */
export class ConsoleMember {
  readonly values: string[] = []
  private readonly child: ChildProcess
  private isOver = false

  constructor(group: string, topic: string) {
    const settings = ['heartbeat.interval.ms=500', 'auto.offset.reset=earliest']
    const flags = settings.flatMap((setting) => ['--consumer-property', setting])
    const [command, args] = commandOf('kafka-console-consumer', [
      '--group',
      group,
      '--topic',
      topic,
      ...flags,
    ])
    const child = startChild(command, args)
    createInterface({ input: child.stdout }).on('line', (line) => this.values.push(line))
    child.stderr.resume()
    child.once('close', () => {
      this.isOver = true
    })
    this.child = child
  }

  /** Ends it as a user does, so that it commits and leaves the group. */
  async stop(): Promise<void> {
    endGroup(this.child, 'SIGTERM')
    await until('the console consumer has ended', () => this.isOver)
  }
}
