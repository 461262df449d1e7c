import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'

/** What the runner tells a client (see run-client.ts), and the line protocol of the answers. */
export const bootstrap: string = process.env.INTEROP_BOOTSTRAP ?? '127.0.0.1:9092'
const prefix = process.env.INTEROP_PREFIX ?? 'interop'
/** Timestamp of record 0; record i is i milliseconds later. */
export const baseTimeMs: number = Number(process.env.INTEROP_BASE_TIME_MS ?? Date.now())
export const recordCount: number = Number(process.env.INTEROP_RECORDS ?? 10_000)
export const isCrossRead: boolean = process.env.INTEROP_MODE === 'cross-read'

const WAIT_MS = 30_000
const STEP_TIMEOUT_MS = 60_000

/** Topics that other clients wrote, with their message format. */
export function topicsToCrossRead(): readonly (readonly [topic: string, format: number])[] {
  return (process.env.INTEROP_TOPICS ?? '')
    .split(',')
    .map((entry) => entry.split('='))
    .map(([topic = '', format]) => [topic, Number(format)] as const)
}

/** Name of a topic or group of this client's own. */
export function named(suffix: string): string {
  return `${prefix}.${suffix}`
}

/** The scenario's topics and their partition counts. */
export const scenarioTopics: Readonly<Record<string, number>> = {
  'roundtrip.none': 3,
  'roundtrip.gzip': 3,
  'roundtrip.snappy': 3,
  'roundtrip.lz4': 3,
  'roundtrip.zstd': 3,
  acks: 1,
  headers: 1,
  idempotent: 1,
  group: 4,
  commit: 1,
  bounds: 1,
  seek: 1,
  admin: 2,
}

/** Runs one step and reports it: it fails when it throws or takes too long. */
export async function step(name: string, run: () => Promise<unknown>): Promise<void> {
  const startedMs = performance.now()
  const tooLong = new AbortController()
  try {
    await Promise.race([
      run(),
      sleep(STEP_TIMEOUT_MS, undefined, { signal: tooLong.signal }).then(() =>
        assert.fail(`not done after ${STEP_TIMEOUT_MS} ms`),
      ),
    ])
    console.log(`STEP ${name} ok ${Math.round(performance.now() - startedMs)} ms`)
  } catch (error) {
    console.error(error)
    console.log(`STEP ${name} fail ${describe(error)}`)
  } finally {
    tooLong.abort()
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const inner = error instanceof AggregateError ? error.errors : error.cause ? [error.cause] : []
  const text = [error, ...inner].map((one) => (one instanceof Error ? one.message : String(one)))
  return text.join(' < ').replaceAll(/\s+/g, ' ').slice(0, 600)
}

/** Reports steps that the client has no call for. */
export function unsupported(reason: string, ...names: readonly string[]): void {
  for (const name of names) console.log(`STEP ${name} unsupported ${reason}`)
}

/** Repeats a question until it is answered with true; for what a broker does a little later. */
export async function until(
  what: string,
  question: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadlineMs = performance.now() + WAIT_MS
  while (!(await question())) {
    assert.ok(performance.now() < deadlineMs, `waited in vain until ${what}`)
    await sleep(50)
  }
}

/** Expects a failure whose messages, names or codes match. */
export async function expectFailure(pattern: RegExp, run: () => Promise<unknown>): Promise<void> {
  try {
    await run()
  } catch (error) {
    assert.match(everythingIn(error), pattern)
    return
  }
  assert.fail(`expected a failure like ${pattern}, but the call succeeded`)
}

function everythingIn(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { errors, cause, ...own } = error as Error & { errors?: unknown[]; cause?: unknown }
  const inner = [...(errors ?? []), ...(cause ? [cause] : [])].map(everythingIn)
  return `${error.name} ${error.message} ${JSON.stringify(own)} ${inner.join(' ')}`
}

/** `PREFIX-0`, `PREFIX-1`, ... */
export function numbered(text: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${text}-${i}`)
}
