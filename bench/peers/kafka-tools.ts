import { BenchError } from '../client/bench-error.ts'
import { withConnections } from '../client/connections.ts'
import { createTopic } from '../client/topic.ts'
import type { ConsumeLoad, Load, PacedLoad, ProduceLoad } from '../loads/load.ts'
import { syncDelayMsOf } from '../loads/load.ts'
import type { Measurement, Outcome } from '../run/measurement.ts'
import { measurementOf, ratesOf } from '../run/measurement.ts'
import { preload } from '../run/preload.ts'
import type { RunLimits } from '../run/run-context.ts'
import { startUsage } from '../run/run-context.ts'
import type { Installation } from '../target/installation.ts'
import { startInstalled } from '../target/installation.ts'
import { runToEnd } from '../target/run-to-end.ts'
import type { Target } from '../target/target.ts'
import { withTarget } from '../target/with-target.ts'

const TOOL_TIMEOUT_MS = 180_000
/** Kafka's own scripts give these tools this much. */
const TOOL_JAVA_FLAGS = ['-Xmx512M', '-server']
const PRODUCED_BYTES = 1_000_000_000
/** Each waits for the one before. */
const LATENCY_RECORDS = 20_000

type ToolLoad = ProduceLoad | ConsumeLoad | PacedLoad

/** Whether one of Kafka's own tools can do this load. */
export function canRunKafkaTools(load: Load): load is ToolLoad {
  if (load.kind === 'produce') return load.batch.recordsPerBatch > 1
  if (load.kind === 'paced') return syncDelayMsOf(load) === 0
  return load.kind === 'consume' && load.readBytes === load.preloadBytes
}

/**
 * The load with Kafka's own client: one `kafka-producer-perf-test`, `kafka-consumer-perf-test` or
 * end-to-end latency tool, with its defaults. It does what users do, but takes more of the two cores
 * than the raw generator, so it says less about the broker.
 */
export function runKafkaTools(
  load: ToolLoad,
  install: () => Promise<Installation>,
  jars: string,
  limits: RunLimits,
): Promise<{ readonly measurement: Measurement; readonly command: string }> {
  return withTarget(install, async (installation) => {
    const target = await startInstalled(installation)
    const topic = `bench-${load.name}`
    const records = await prepareTopic(load, target, topic, limits)
    const usage = startUsage(target.pid)
    const startMs = performance.now()
    const bootstrap = `${target.address.host}:${target.address.port}`
    const tool = toolArguments(load, topic, records, bootstrap)
    const command = ['java', ...TOOL_JAVA_FLAGS, '-cp', `${jars}/*`, ...tool]
    const { exitCode, output } = await runToEnd(command, TOOL_TIMEOUT_MS)
    const seconds = (performance.now() - startMs) / 1000
    const { brokerCpuSeconds, brokerResidentBytes } = usage()
    if (exitCode !== 0) throw new BenchError(`${tool[0]} ended with ${exitCode}:\n${output}`)
    const outcome: Outcome = {
      seconds,
      ...parseOutput(load, output),
      brokerCpuSeconds,
      brokerResidentBytes,
      detail: `${records} records`,
    }
    return { measurement: measurementOf(load.name, outcome), command: target.command }
  })
}

/** Creates the topic, with something to read in it for a consumer; answers how many records to move. */
async function prepareTopic(
  load: ToolLoad,
  { address }: Target,
  topic: string,
  limits: RunLimits,
): Promise<number> {
  const limitMs = TOOL_TIMEOUT_MS
  if (load.kind === 'consume') {
    const ends = await preload(load, { address, topic, limits, limitMs })
    return ends.reduce((sum, end) => sum + end, 0)
  }
  await withConnections(address, { count: 1, limitMs }, async ([connection]) => {
    if (connection) await createTopic(connection, topic, load.partitions)
  })
  const records = load.kind === 'paced' ? LATENCY_RECORDS : PRODUCED_BYTES / load.batch.recordBytes
  return Math.floor(records * limits.scale)
}

/** The tool's class and its arguments. */
function toolArguments(
  load: ToolLoad,
  topic: string,
  records: number,
  bootstrap: string,
): readonly string[] {
  const { recordBytes } = load.batch
  switch (load.kind) {
    case 'consume': {
      const where = ['--bootstrap-server', bootstrap, '--topic', topic]
      return ['org.apache.kafka.tools.ConsumerPerformance', ...where, '--messages', `${records}`]
    }
    case 'paced':
      return [
        'org.apache.kafka.tools.EndToEndLatency',
        ...[bootstrap, topic, `${records}`, 'all', `${recordBytes}`],
      ]
    case 'produce':
      return [
        'org.apache.kafka.tools.ProducerPerformance',
        ...['--topic', topic, '--num-records', `${records}`, '--throughput', '-1'],
        ...['--record-size', `${recordBytes}`],
        ...['--producer-props', `bootstrap.servers=${bootstrap}`, 'acks=all'],
      ]
    default:
      return load satisfies never
  }
}

type ToolFigures = Pick<
  Outcome,
  'recordsPerSecond' | 'megabytesPerSecond' | 'latencyMs' | 'figures'
>

function parseOutput(load: ToolLoad, output: string): ToolFigures {
  if (load.kind === 'paced') return parseLatencyOutput(output)
  const { recordsPerSecond, latencyMs } =
    load.kind === 'produce' ? parseProducerOutput(output) : parseConsumerOutput(output)
  return { ...ratesOf(recordsPerSecond, load.batch.recordBytes, 1), latencyMs }
}

interface ThroughputFigures {
  readonly recordsPerSecond: number
  readonly latencyMs: Measurement['latencyMs']
}

/** The last summary line of ProducerPerformance. Throws a BenchError when there is none. */
export function parseProducerOutput(output: string): ThroughputFigures {
  const line =
    /records sent, ([\d.]+) records\/sec .* (\d+) ms 50th, \d+ ms 95th, (\d+) ms 99th, (\d+) ms 99\.9th/
  const match = line.exec(output)
  if (!match) throw new BenchError(`no summary in the tool's output:\n${output}`)
  const [recordsPerSecond = 0, p50 = 0, p99 = 0, p999 = 0] = match.slice(1).map(Number)
  return { recordsPerSecond, latencyMs: { p50, p99, p999 } }
}

/**
 * `fetch.nMsg.sec`, the last column of ConsumerPerformance: records over the time of fetching,
 * without that of joining the group. Throws a BenchError when there is none.
 */
export function parseConsumerOutput(output: string): ThroughputFigures {
  const row = output.split('\n').find((line) => /^\d{4}-\d\d-\d\d .*(?:, [\d.]+){6,}/.test(line))
  const recordsPerSecond = Number(row?.split(', ').at(-1))
  if (!row || !(recordsPerSecond > 0)) {
    throw new BenchError(`no summary in the tool's output:\n${output}`)
  }
  return { recordsPerSecond, latencyMs: null }
}

/** The mean, and percentiles in whole milliseconds, of EndToEndLatency. Throws a BenchError without. */
export function parseLatencyOutput(output: string): ToolFigures {
  const mean = /^Avg latency: ([\d.]+) ms/m.exec(output)
  const percentiles = /^Percentiles: 50th = (\d+), 99th = (\d+), 99\.9th = (\d+)/m.exec(output)
  if (!mean || !percentiles) throw new BenchError(`no summary in the tool's output:\n${output}`)
  const [p50 = 0, p99 = 0, p999 = 0] = percentiles.slice(1).map(Number)
  return { latencyMs: { p50, p99, p999 }, figures: { 'mean ms': Number(mean[1]) } }
}
