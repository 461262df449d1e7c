import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { logsDir } from './cache.ts'
import { runChild } from './child.ts'
import type { ClientCommand } from './roster.ts'
import type { StepName, StepResult } from './steps.ts'
import { crossReadStep, parseStepLine, stepNames } from './steps.ts'

const RECORDS = 10_000
const SCENARIO_TIMEOUT_MS = 240_000
const CROSS_READ_TIMEOUT_MS = 180_000

/** What all clients of a run share. */
export type Run = {
  readonly bootstrap: string
  /** Tells this run's topics and groups from those of earlier runs on the same broker. */
  readonly id: string
  /** Timestamp of the first record; in the past, so that no broker takes a record for future's. */
  readonly baseTimeMs: number
}

/** Name prefix of a client's topics and groups. */
export function prefixOf(run: Run, client: string): string {
  return `interop-${run.id}-${client}`
}

/** First phase: every step but the last. The result holds each of them exactly once. */
export async function runScenario(
  run: Run,
  client: string,
  command: ClientCommand,
): Promise<readonly StepResult[]> {
  mkdirSync(logsDir, { recursive: true })
  rmSync(logFileOf(client), { force: true })
  const wanted = stepNames.filter((name) => name !== crossReadStep)
  return await runMode(run, client, command, 'scenario', wanted, SCENARIO_TIMEOUT_MS, {})
}

/** Second phase: reads topics of other clients, given with the message format they were written in. */
export async function runCrossRead(
  run: Run,
  client: string,
  command: ClientCommand,
  topics: ReadonlyMap<string, number>,
): Promise<StepResult> {
  if (topics.size === 0)
    return { name: crossReadStep, status: 'unsupported', detail: 'no other client wrote anything' }
  const list = [...topics].map(([topic, format]) => `${topic}=${format}`).join(',')
  const environment = { INTEROP_TOPICS: list }
  const wanted = [crossReadStep]
  const [result] = await runMode(
    run,
    client,
    command,
    'cross-read',
    wanted,
    CROSS_READ_TIMEOUT_MS,
    environment,
  )
  return result ?? { name: crossReadStep, status: 'fail', detail: 'not reported' }
}

/** Where a client's whole output goes. */
export function logFileOf(client: string): string {
  return join(logsDir, `${client}.log`)
}

async function runMode(
  run: Run,
  client: string,
  { command, args, env }: ClientCommand,
  mode: string,
  wanted: readonly StepName[],
  timeoutMs: number,
  environment: Readonly<Record<string, string>>,
): Promise<readonly StepResult[]> {
  const reported = new Map<StepName, StepResult>()
  const ended = await runChild(command, args, {
    timeoutMs,
    logFile: logFileOf(client),
    env: {
      ...env,
      ...environment,
      INTEROP_MODE: mode,
      INTEROP_BOOTSTRAP: run.bootstrap,
      INTEROP_PREFIX: prefixOf(run, client),
      INTEROP_BASE_TIME_MS: String(run.baseTimeMs),
      INTEROP_RECORDS: String(RECORDS),
    },
    onLine: (line) => {
      const result = parseStepLine(line)
      if (result) reported.set(result.name, result)
    },
  })
  const ending = ended.timedOut ? `after ${timeoutMs} ms` : `at exit ${ended.exitCode}`
  return wanted.map(
    (name) => reported.get(name) ?? { name, status: 'fail', detail: `not reported ${ending}` },
  )
}
