import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { BenchError } from './client/bench-error.ts'
import type { Address } from './client/connections.ts'
import { loads } from './loads/index.ts'
import type { Load } from './loads/load.ts'
import type { RunLimits } from './run/run-context.ts'
import { parseAddress } from './target/target.ts'

export interface BenchArguments {
  readonly loads: readonly Load[]
  /** A broker that already runs; null to start Glasslog. */
  readonly bootstrap: Address | null
  readonly jsonFile: string | null
  readonly workDirectory: string
  readonly limits: RunLimits
}

export const usage = `usage: npm run bench -- [options]      (or: glasslog bench [options])
  --load NAME,NAME         only these loads (below)
  --seconds N              how long each load is measured, 1 to 600 (default 4)
  --bootstrap HOST:PORT    a running broker; without it a Glasslog of its own is started
  --dir DIR                where its data goes while it runs (default: the temporary directory)
  --json FILE              the figures as JSON, too

loads:
${loads.map(({ name, summary }) => `  ${name.padEnd(25)}${summary}`).join('\n')}`

const DEFAULT_SECONDS = '4'
const MAX_SECONDS = 600
const WARMUP_MS = 1_000
const MAX_PRELOAD_BYTES = 1024 ** 3

/** Reads the command line; throws a BenchError with one sentence when it is wrong. */
export function parseBenchArguments(args: readonly string[]): BenchArguments {
  const values = parseOrThrow(args)
  const bootstrap = values.bootstrap === undefined ? null : parseAddress(values.bootstrap)
  if (values.bootstrap !== undefined && !bootstrap) {
    throw new BenchError(`--bootstrap needs HOST:PORT, not "${values.bootstrap}"`)
  }
  return {
    loads: values.load === undefined ? loads : values.load.split(',').map(loadNamed),
    bootstrap,
    jsonFile: values.json ?? null,
    workDirectory: values.dir,
    limits: limitsOf(values.seconds),
  }
}

function parseOrThrow(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        load: { type: 'string' },
        seconds: { type: 'string', default: DEFAULT_SECONDS },
        bootstrap: { type: 'string' },
        dir: { type: 'string', default: tmpdir() },
        json: { type: 'string' },
      },
    }).values
  } catch (error) {
    throw new BenchError(error instanceof Error ? error.message : String(error))
  }
}

/** The load of that name; throws a BenchError when there is none. */
export function loadNamed(name: string): Load {
  const load = loads.find((candidate) => candidate.name === name)
  if (!load) {
    throw new BenchError(
      `there is no load "${name}"; there are ${loads.map((l) => l.name).join(', ')}`,
    )
  }
  return load
}

/** Limits for so many measured seconds; throws a BenchError when they are out of range. */
export function limitsOf(seconds: string): RunLimits {
  const count = Number(seconds)
  if (!Number.isFinite(count) || count < 1 || count > MAX_SECONDS) {
    throw new BenchError(`--seconds takes 1 to ${MAX_SECONDS}, not "${seconds}"`)
  }
  return { warmupMs: WARMUP_MS, measureMs: count * 1000, maxPreloadBytes: MAX_PRELOAD_BYTES }
}
