import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { limitsOf, loadNamed } from '../arguments.ts'
import { BenchError } from '../client/bench-error.ts'
import { loads } from '../loads/index.ts'
import type { Load } from '../loads/load.ts'
import type { RunLimits } from '../run/run-context.ts'
import { workDirectory } from '../work-directory.ts'
import type { ClientKind } from './comparison.ts'
import { canRunKafkaTools } from './kafka-tools.ts'

export interface PeersArguments {
  readonly loads: readonly Load[]
  readonly pairs: number
  readonly client: ClientKind
  readonly limits: RunLimits
  readonly workDirectory: string
}

export const usage = `usage: npm run bench:peers -- [options]
  --load NAME,NAME   only these loads, else all, which takes hours (npm run bench -- --help lists them)
  --pairs N          runs of each broker, in turn, 1 to 100 (default 5)
  --seconds N        how long each run is measured, 1 to 600 (default 8)
  --scale N          part of what a load writes, opens or creates first, 0.001 to 1 (default 1);
                     below 1 the results are printed and RESULTS.md stays as it is
  --client NAME      raw (default) or kafka-tools: Kafka's own perf-test tools, for the loads they can do
  --dir DIR          where brokers keep their data while they run (default: the temporary directory)
Pairs that were measured before, under the same conditions, count.`

const MAX_PAIRS = 100
/** A JVM needs longer than a moment until its hot code is compiled. */
const WARMUP_MS = 3_000

/** Reads the command line; throws a BenchError with one sentence when it is wrong. */
export function parsePeersArguments(args: readonly string[]): PeersArguments {
  const values = parseOrThrow(args)
  const pairs = Number(values.pairs)
  if (!Number.isInteger(pairs) || pairs < 1 || pairs > MAX_PAIRS) {
    throw new BenchError(`--pairs takes 1 to ${MAX_PAIRS}, not "${values.pairs}"`)
  }
  const client = clientNamed(values.client)
  return {
    loads: chooseLoads(values.load, client),
    pairs,
    client,
    limits: { ...limitsOf(values.seconds, values.scale), warmupMs: WARMUP_MS },
    workDirectory: workDirectory(values.dir),
  }
}

function parseOrThrow(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        load: { type: 'string' },
        pairs: { type: 'string', default: '5' },
        seconds: { type: 'string', default: '8' },
        scale: { type: 'string', default: '1' },
        client: { type: 'string', default: 'raw' },
        dir: { type: 'string', default: tmpdir() },
      },
    }).values
  } catch (error) {
    throw new BenchError(error instanceof Error ? error.message : String(error))
  }
}

function clientNamed(name: string): ClientKind {
  if (name === 'raw' || name === 'kafka-tools') return name
  throw new BenchError(`there is no client "${name}"; there are raw, kafka-tools`)
}

function chooseLoads(names: string | undefined, client: ClientKind): readonly Load[] {
  const chosen = names === undefined ? loads : names.split(',').map(loadNamed)
  if (client === 'raw') return chosen
  const possible = chosen.filter(canRunKafkaTools)
  if (names !== undefined && possible.length < chosen.length) {
    throw new BenchError(`Kafka's own tools cannot do all of ${names}`)
  }
  return possible
}
