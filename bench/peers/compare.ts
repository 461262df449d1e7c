import type { Load } from '../loads/load.ts'
import { hasPeer, syncDelayMsOf } from '../loads/load.ts'
import { measureFdatasync } from '../measure/fdatasync.ts'
import { syncDisks } from '../measure/page-cache.ts'
import { whole } from '../report/figures.ts'
import { describeMachine } from '../report/machine.ts'
import type { Measurement } from '../run/measurement.ts'
import { runOwn } from '../run/run-own.ts'
import { describeConfinement } from '../target/confinement.ts'
import { installGlasslog } from '../target/glasslog.ts'
import type { Installation } from '../target/installation.ts'
import type { PeersArguments } from './arguments.ts'
import type { Comparison, Conditions } from './comparison.ts'
import type { ComparisonStore } from './comparison-store.ts'
import { installKafka } from './kafka.ts'
import { canRunKafkaTools, runKafkaTools } from './kafka-tools.ts'
import { figureText } from './report/figures-text.ts'
import { describeRevision } from './revision.ts'
import { versions } from './versions.ts'

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
    commands: { glasslog: '', kafka: null },
    fdatasync: measureFdatasync(args.workDirectory),
    pairs: [],
  }
  print(
    `${load.name}: ${load.summary}; ${comparison.pairs.length} of ${args.pairs} pairs are there`,
  )
  const syncDelayMs = syncDelayMsOf(load)
  const runOn = async (install: () => Promise<Installation>): Promise<Run> => {
    const limits = { ...args.limits, onProgress: print }
    const run = await runOnce(load, { ...args, limits }, jars, install)
    print(`  ${describeRun(run)}`)
    return run
  }
  while (comparison.pairs.length < args.pairs) {
    const at = new Date().toISOString()
    const glasslog = await runOn(() => installGlasslog(args.workDirectory, { syncDelayMs }))
    const kafka = hasPeer(load) ? await runOn(() => installKafka(args.workDirectory, jars)) : null
    const pair = { at, glasslog: glasslog.measurement, kafka: kafka?.measurement ?? null }
    const commands = { glasslog: glasslog.command, kafka: kafka?.command ?? null }
    comparison = { ...comparison, commands, pairs: [...comparison.pairs, pair] }
    store.save(comparison)
  }
}

/** One run on a fresh broker, after the disk has taken whatever the run before left in memory. */
async function runOnce(
  load: Load,
  { client, limits }: PeersArguments,
  jars: string,
  install: () => Promise<Installation>,
): Promise<Run> {
  await syncDisks()
  return client === 'kafka-tools' && canRunKafkaTools(load)
    ? runKafkaTools(load, install, jars, limits)
    : runOwn(load, install, limits)
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
    scale: limits.scale,
  }
}

function describeRun({ measurement, command }: Run): string {
  const { recordsPerSecond, latencyMs, figures, detail } = measurement
  const parts = [
    command.includes('kafka.Kafka') ? 'Apache Kafka:' : 'Glasslog:',
    ...(recordsPerSecond === null ? [] : [`${whole(recordsPerSecond)} records/s`]),
    ...(latencyMs ? [`p50 ${latencyMs.p50.toFixed(2)} p99 ${latencyMs.p99.toFixed(2)} ms`] : []),
    ...Object.entries(figures).map(([figure, value]) => `${figure} ${figureText(value)}`),
    ...(detail === '' ? [] : [`(${detail})`]),
  ]
  return parts.join(' ')
}
