import type { Load } from '../loads/load.ts'
import { measureFdatasync } from '../measure/fdatasync.ts'
import { whole } from '../report/figures.ts'
import { describeMachine } from '../report/machine.ts'
import type { Measurement } from '../run/measurement.ts'
import { runLoad } from '../run/run-load.ts'
import { describeConfinement } from '../target/confinement.ts'
import { startGlasslog } from '../target/glasslog.ts'
import type { Target } from '../target/target.ts'
import { withTarget } from '../target/with-target.ts'
import type { PeersArguments } from './arguments.ts'
import type { Comparison, Conditions } from './comparison.ts'
import type { ComparisonStore } from './comparison-store.ts'
import { startKafka } from './kafka.ts'
import { canRunKafkaTools, runKafkaTools } from './kafka-tools.ts'
import { describeRevision } from './revision.ts'
import { runToEnd } from './run-to-end.ts'
import { versions } from './versions.ts'

const SYNC_TIMEOUT_MS = 120_000

interface Run {
  readonly measurement: Measurement
  readonly command: string
}

/** Runs one load on Glasslog and on Apache Kafka in turn until there are enough pairs. */
export async function compare(
  load: Load,
  args: PeersArguments,
  jars: string,
  store: ComparisonStore,
  print: (line: string) => void,
): Promise<void> {
  const conditions = await conditionsOf(load, args)
  let comparison: Comparison = store.find(load.name, conditions) ?? {
    name: load.name,
    conditions,
    commands: { glasslog: '', kafka: '' },
    fdatasync: measureFdatasync(args.workDirectory),
    pairs: [],
  }
  print(`${load.name}: ${load.summary}; ${comparison.pairs.length} pairs are there`)
  const runOn = (start: () => Promise<Target>): Promise<Run> => runOnce(load, args, jars, start)
  while (comparison.pairs.length < args.pairs) {
    const at = new Date().toISOString()
    const glasslog = await runOn(() => startGlasslog(args.workDirectory))
    const kafka = await runOn(async () =>
      startInstalled(await startKafka(args.workDirectory, jars)),
    )
    const pair = { at, glasslog: glasslog.measurement, kafka: kafka.measurement }
    const commands = { glasslog: glasslog.command, kafka: kafka.command }
    comparison = { ...comparison, commands, pairs: [...comparison.pairs, pair] }
    store.save(comparison)
    print(`  ${describeRun('Glasslog', pair.glasslog)}; ${describeRun('Kafka', pair.kafka)}`)
  }
}

/** One run on a fresh broker, after the disk has taken whatever the run before left in memory. */
async function runOnce(
  load: Load,
  { client, limits }: PeersArguments,
  jars: string,
  start: () => Promise<Target>,
): Promise<Run> {
  await runToEnd(['sync'], SYNC_TIMEOUT_MS)
  return withTarget(start, async (target) => {
    const withTools = client === 'kafka-tools' && canRunKafkaTools(load)
    const measurement = withTools
      ? await runKafkaTools(load, target, jars, limits)
      : await runLoad(load, target, limits)
    return { measurement, command: target.command }
  })
}

async function conditionsOf(load: Load, { client, limits }: PeersArguments): Promise<Conditions> {
  return {
    client,
    load: JSON.stringify(load),
    summary: load.summary,
    machine: describeMachine(),
    cores: describeConfinement(),
    glasslogVersion: await describeRevision(),
    kafkaVersion: versions.kafka,
    warmupMs: limits.warmupMs,
    measureMs: limits.measureMs,
  }
}

function describeRun(name: string, { recordsPerSecond, latencyMs }: Measurement): string {
  const rate = `${name} ${whole(recordsPerSecond)} records/s`
  return latencyMs ? `${rate}, p99 ${latencyMs.p99.toFixed(2)} ms` : rate
}
