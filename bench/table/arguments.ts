import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { BenchError } from '../client/bench-error.ts'
import { workDirectory } from '../work-directory.ts'
import type { RunTimes } from './client/client.ts'
import type { Row } from './row.ts'
import { rows } from './rows.ts'

export interface TableArguments {
  readonly rows: readonly Row[]
  readonly recordSizes: readonly number[]
  readonly runs: number
  readonly times: RunTimes
  readonly workDirectory: string
}

/** Bytes of a record, without what formats and protocols add. */
export const RECORD_SIZES: readonly number[] = [100, 1024]

export const usage = `usage: npm run bench:table -- [options]
  --system NAME,NAME     only these rows (below); rabbitmq stands for all three of its
  --record-size N,N      only records of so many bytes: 100, 1024 (default both)
  --runs N               runs of each row, in turn, 1 to 20 (default 3)
  --seconds N            how long each run is measured at full speed, 1 to 60 (default 6)
  --dir DIR              where brokers keep their data while they run (default: the temporary directory)
Runs that were measured before, under the same conditions, count.

rows:
${rows.map(({ name, broker, settings }) => `  ${name.padEnd(23)}${broker}: ${settings}`).join('\n')}`

const WARMUP_MS = 4_000
const PACED_MS = 3_000
const PACED_RECORDS_PER_SECOND = 2_000

/** Reads the command line; throws a BenchError with one sentence when it is wrong. */
export function parseTableArguments(args: readonly string[]): TableArguments {
  const values = parseOrThrow(args)
  return {
    rows: values.system === undefined ? rows : rowsNamed(values.system.split(',')),
    recordSizes: (values['record-size']?.split(',') ?? RECORD_SIZES.map(String)).map(sizeOf),
    runs: countOf('--runs', values.runs, 20),
    times: {
      warmupMs: WARMUP_MS,
      measureMs: countOf('--seconds', values.seconds, 60) * 1_000,
      pacedRecordsPerSecond: PACED_RECORDS_PER_SECOND,
      pacedMs: PACED_MS,
    },
    workDirectory: workDirectory(values.dir),
  }
}

function parseOrThrow(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        system: { type: 'string' },
        'record-size': { type: 'string' },
        runs: { type: 'string', default: '3' },
        seconds: { type: 'string', default: '6' },
        dir: { type: 'string', default: tmpdir() },
      },
    }).values
  } catch (error) {
    throw new BenchError(error instanceof Error ? error.message : String(error))
  }
}

/** A name that is no row stands for all rows that begin with it, as `rabbitmq` does. */
function rowsNamed(names: readonly string[]): readonly Row[] {
  return names.flatMap((name) => {
    const exact = rows.filter((row) => row.name === name)
    const found = exact.length > 0 ? exact : rows.filter((row) => row.name.startsWith(`${name}-`))
    if (found.length === 0) {
      throw new BenchError(
        `there is no row "${name}"; there are ${rows.map((row) => row.name).join(', ')}`,
      )
    }
    return found
  })
}

function sizeOf(text: string): number {
  const size = Number(text)
  if (!RECORD_SIZES.includes(size)) {
    throw new BenchError(`--record-size takes ${RECORD_SIZES.join(' or ')}, not "${text}"`)
  }
  return size
}

function countOf(flag: string, text: string, max: number): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1 || count > max) {
    throw new BenchError(`${flag} takes 1 to ${max}, not "${text}"`)
  }
  return count
}
