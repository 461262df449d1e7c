import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { BenchError } from './client/bench-error.ts'
import type { Address } from './client/connections.ts'
import { loads } from './loads/index.ts'
import type { Load } from './loads/load.ts'
import { isRunning } from './loads/load.ts'
import type { RunLimits } from './run/run-context.ts'
import { parseAddress } from './target/target.ts'
import { workDirectory } from './work-directory.ts'

export interface BenchArguments {
  readonly loads: readonly Load[]
  /** A broker that already runs; null to start Glasslog. */
  readonly bootstrap: Address | null
  readonly jsonFile: string | null
  readonly workDirectory: string
  readonly limits: RunLimits
}

export const usage = `usage: npm run bench -- [options]      (or: glasslog bench [options])
  --load NAME,NAME         these loads (below) instead of all but the long ones
  --seconds N              how long each load is measured, 1 to 600 (default 4)
  --bootstrap HOST:PORT    a running broker; without it a Glasslog of its own is started
  --scale N                part of what a load writes, opens or creates first, 0.001 to 1 (default 1)
  --dir DIR                where its data goes while it runs (default: the temporary directory)
  --json FILE              the figures as JSON, too

loads:
${loads.map(describeLoad).join('\n')}
(long): writes gigabytes or opens thousands of things; runs only when it is named`

/** One line of the list of loads. */
function describeLoad({ name, summary, isLong }: Load): string {
  return `  ${name.padEnd(25)}${summary}${isLong ? ' (long)' : ''}`
}

const DEFAULT_SECONDS = '4'
const MAX_SECONDS = 600
const WARMUP_MS = 1_000
const MIN_SCALE = 0.001

/** Reads the command line; throws a BenchError with one sentence when it is wrong. */
export function parseBenchArguments(args: readonly string[]): BenchArguments {
  const values = parseOrThrow(args)
  const bootstrap = values.bootstrap === undefined ? null : parseAddress(values.bootstrap)
  if (values.bootstrap !== undefined && !bootstrap) {
    throw new BenchError(`--bootstrap needs HOST:PORT, not "${values.bootstrap}"`)
  }
  return {
    loads: chooseLoads(values.load, bootstrap),
    bootstrap,
    jsonFile: values.json ?? null,
    workDirectory: workDirectory(values.dir),
    limits: limitsOf(values.seconds, values.scale),
  }
}

function parseOrThrow(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        load: { type: 'string' },
        seconds: { type: 'string', default: DEFAULT_SECONDS },
        scale: { type: 'string', default: '1' },
        bootstrap: { type: 'string' },
        dir: { type: 'string', default: tmpdir() },
        json: { type: 'string' },
      },
    }).values
  } catch (error) {
    throw new BenchError(error instanceof Error ? error.message : String(error))
  }
}

/** A broker that somebody else runs can be neither killed nor given another disk. */
function chooseLoads(names: string | undefined, bootstrap: Address | null): readonly Load[] {
  const possible = bootstrap ? loads.filter(isRunning) : loads
  if (names === undefined) return possible.filter(({ isLong }) => !isLong)
  const chosen = names.split(',').map(loadNamed)
  const impossible = chosen.find((load) => !possible.includes(load))
  if (impossible) throw new BenchError(`${impossible.name} needs a broker of its own`)
  return chosen
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

/** Limits for so many measured seconds and this scale; throws a BenchError when they are out of range. */
export function limitsOf(seconds: string, scale: string): RunLimits {
  return {
    warmupMs: WARMUP_MS,
    measureMs: numberWithin('--seconds', seconds, 1, MAX_SECONDS) * 1000,
    scale: numberWithin('--scale', scale, MIN_SCALE, 1),
  }
}

function numberWithin(option: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (text === '' || !(value >= min && value <= max)) {
    throw new BenchError(`${option} takes ${min} to ${max}, not "${text}"`)
  }
  return value
}
