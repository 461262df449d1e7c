import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { endGroup, runChild, startChild } from '../../../harness/child.ts'
import { bootstrap, until } from '../interop.ts'

const RUN_TIMEOUT_MS = 30_000

/**
 * The broker release that kcat is told to assume instead of asking, so that it speaks as it did to
 * brokers of that time: old API versions, old message formats. Undefined: it asks.
 */
export const assumedRelease: string | undefined = process.env.KCAT_ASSUMED_RELEASE

const common = [
  ...['-b', bootstrap],
  ...(assumedRelease === undefined
    ? []
    : [
        ...['-X', 'api.version.request=false'],
        ...['-X', `broker.version.fallback=${assumedRelease}`],
      ]),
]

/** Runs kcat to its end and returns the lines of its standard output. */
export async function kcat(args: readonly string[], input = ''): Promise<string[]> {
  const { exitCode, timedOut, stdout, stderr } = await runChild('kcat', [...common, ...args], {
    input,
    timeoutMs: RUN_TIMEOUT_MS,
  })
  assert.ok(!timedOut, `kcat ${args.join(' ')} did not end: ${stderr}`)
  assert.equal(exitCode, 0, `kcat ${args.join(' ')}: ${stderr}`)
  return stdout === '' ? [] : stdout.split('\n')
}

/** Sends one record a line to partition 0. */
export async function produce(
  topic: string,
  values: readonly string[],
  args: readonly string[] = [],
): Promise<void> {
  const partition = args.includes('-p') ? [] : ['-p', '0']
  await kcat(
    ['-P', '-t', topic, ...partition, ...args],
    values.map((value) => `${value}\n`).join(''),
  )
}

/** Reads a whole topic, one value a line. */
export function consume(topic: string, args: readonly string[] = []): Promise<string[]> {
  // At the end of the topic it waits for as long as one fetch may.
  const impatient = ['-X', 'fetch.wait.max.ms=50']
  return kcat(['-C', '-q', '-e', '-o', 'beginning', ...impatient, '-t', topic, ...args])
}

/** A member of a group in a process of its own; its partitions are told by its standard error. */
export class Member {
  readonly values: string[] = []
  assignments = 0
  revokedPartitions = 0
  private readonly owned = new Set<number>()
  private readonly child: ChildProcess
  private readonly ended: Promise<void>

  constructor(group: string, topic: string, settings: Readonly<Record<string, string>> = {}) {
    const all = {
      'heartbeat.interval.ms': '500',
      'session.timeout.ms': '10000',
      'auto.offset.reset': 'earliest',
      ...settings,
    }
    const flags = Object.entries(all).flatMap(([name, value]) => ['-X', `${name}=${value}`])
    const child = startChild('kcat', [...common, '-G', group, '-u', ...flags, topic])
    createInterface({ input: child.stdout }).on('line', (line) => this.values.push(line))
    createInterface({ input: child.stderr }).on('line', (line) => this.onMessage(line))
    this.ended = new Promise((resolve) => child.once('close', () => resolve()))
    this.child = child
  }

  // % Group NAME rebalanced (memberid ID): assigned: TOPIC [0], TOPIC [1]
  // % Group NAME rebalanced: incremental revoke of 1 partition(s) (memberid ID, ...): TOPIC [0]
  private onMessage(line: string): void {
    const change =
      /rebalanced.*(assign|revoke)(?:ed|ment of|d| of).*?: ?((?:\S+ \[\d+\](?:, )?)*)$/.exec(line)
    if (!change) return
    const isAssignment = change[1] === 'assign'
    if (isAssignment) this.assignments += 1
    for (const [, partition] of (change[2] ?? '').matchAll(/\[(\d+)\]/g)) {
      if (isAssignment) this.owned.add(Number(partition))
      else {
        this.owned.delete(Number(partition))
        this.revokedPartitions += 1
      }
    }
  }

  get partitions(): readonly number[] {
    return [...this.owned].sort()
  }

  /** Ends it as a user does, so that it commits and leaves the group. */
  async stop(): Promise<void> {
    endGroup(this.child, 'SIGTERM')
    let isOver = false
    void this.ended.then(() => {
      isOver = true
    })
    await until('kcat has ended', () => isOver)
  }
}
