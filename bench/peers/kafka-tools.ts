import { BenchError } from '../client/bench-error.ts'
import { withConnections } from '../client/connections.ts'
import { createTopic } from '../client/topic.ts'
import type { ConsumeLoad, Load, ProduceLoad } from '../loads/load.ts'
import { readProcessUsage } from '../measure/process-usage.ts'
import type { LatencyMs, Measurement } from '../run/measurement.ts'
import { preload } from '../run/run-consume.ts'
import type { RunLimits } from '../run/run-context.ts'
import type { Target } from '../target/target.ts'
import { runToEnd } from './run-to-end.ts'

const TOOL_TIMEOUT_MS = 180_000
/** Kafka's own scripts give these tools this much. */
const TOOL_JAVA_FLAGS = ['-Xmx512M', '-server']
const PRODUCED_BYTES = 1_000_000_000

type ToolLoad = ProduceLoad | ConsumeLoad

/** Whether one of Kafka's own tools can do this load. */
export function canRunKafkaTools(load: Load): load is ToolLoad {
  if (load.kind === 'produce') return load.batch.recordsPerBatch > 1
  return load.kind === 'consume' && load.readBytes === load.preloadBytes
}

/**
 * The load with Kafka's own client: one `kafka-producer-perf-test` or `kafka-consumer-perf-test`,
 * with its defaults. It does what users do, but takes more of the two cores than the raw generator,
 * so it says less about the broker.
 */
export async function runKafkaTools(
  load: ToolLoad,
  target: Target,
  jars: string,
  limits: RunLimits,
): Promise<Measurement> {
  const topic = `bench-${load.name}`
  const { address, pid } = target
  const records = await prepareTopic(load, target, topic, limits)
  const bootstrap = `${address.host}:${address.port}`
  const before = pid === null ? null : readProcessUsage(pid)
  const startMs = performance.now()
  const command = [
    'java',
    ...TOOL_JAVA_FLAGS,
    '-cp',
    `${jars}/*`,
    ...toolArguments(load, topic, records, bootstrap),
  ]
  const { exitCode, output } = await runToEnd(command, TOOL_TIMEOUT_MS)
  const seconds = (performance.now() - startMs) / 1000
  const after = pid === null ? null : readProcessUsage(pid)
  if (exitCode !== 0) throw new BenchError(`${command.at(-1)} ended with ${exitCode}:\n${output}`)
  const figures =
    load.kind === 'produce' ? parseProducerOutput(output) : parseConsumerOutput(output)
  return {
    load: load.name,
    seconds,
    recordsPerSecond: figures.recordsPerSecond,
    megabytesPerSecond: (figures.recordsPerSecond * load.batch.recordBytes) / 1e6,
    latencyMs: figures.latencyMs,
    brokerCpuSeconds: before && after ? after.cpuSeconds - before.cpuSeconds : null,
    brokerResidentBytes: after?.residentBytes ?? null,
    generatorCpuSeconds: null,
    detail: `${records} records`,
  }
}

/** Creates the topic, with something to read in it for a consumer; answers how many records to move. */
async function prepareTopic(
  load: ToolLoad,
  { address }: Target,
  topic: string,
  { maxPreloadBytes }: RunLimits,
): Promise<number> {
  if (load.kind === 'consume') {
    const ends = await preload(load, { address, topic, maxPreloadBytes, limitMs: TOOL_TIMEOUT_MS })
    return ends.reduce((sum, end) => sum + end, 0)
  }
  await withConnections(address, { count: 1, limitMs: TOOL_TIMEOUT_MS }, async ([connection]) => {
    if (connection) await createTopic(connection, topic, load.partitions)
  })
  return Math.floor(PRODUCED_BYTES / load.batch.recordBytes)
}

/** The tool's class and its arguments. */
export function toolArguments(
  load: ToolLoad,
  topic: string,
  records: number,
  bootstrap: string,
): readonly string[] {
  if (load.kind === 'consume') {
    const where = ['--bootstrap-server', bootstrap, '--topic', topic]
    return ['org.apache.kafka.tools.ConsumerPerformance', ...where, '--messages', `${records}`]
  }
  return [
    'org.apache.kafka.tools.ProducerPerformance',
    ...['--topic', topic, '--num-records', `${records}`, '--throughput', '-1'],
    ...['--record-size', `${load.batch.recordBytes}`],
    ...['--producer-props', `bootstrap.servers=${bootstrap}`, 'acks=all'],
  ]
}

interface ToolFigures {
  readonly recordsPerSecond: number
  readonly latencyMs: LatencyMs | null
}

/** The last summary line of ProducerPerformance. Throws a BenchError when there is none. */
export function parseProducerOutput(output: string): ToolFigures {
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
export function parseConsumerOutput(output: string): ToolFigures {
  const row = output.split('\n').find((line) => /^\d{4}-\d\d-\d\d .*(?:, [\d.]+){6,}/.test(line))
  const recordsPerSecond = Number(row?.split(', ').at(-1))
  if (!row || !(recordsPerSecond > 0)) {
    throw new BenchError(`no summary in the tool's output:\n${output}`)
  }
  return { recordsPerSecond, latencyMs: null }
}
