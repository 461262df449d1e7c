import { randomUUID } from 'node:crypto'
import type { Address } from '../client/connections.ts'
import type { Load } from '../loads/load.ts'
import type { ProcessUsage } from '../measure/process-usage.ts'
import { readProcessUsage } from '../measure/process-usage.ts'
import type { LatencyMs, Measurement } from './measurement.ts'
import { Meter } from './meter.ts'
import { runBothWays } from './run-both-ways.ts'
import { runConsume } from './run-consume.ts'
import type { RunContext, RunLimits } from './run-context.ts'
import { runPaced } from './run-paced.ts'
import { runProduce } from './run-produce.ts'

/** Beyond warm-up and measurement: writing what is to be read, and waiting for the last answers. */
const EXTRA_TIME_MS = 120_000

export interface Measured {
  readonly address: Address
  /** The broker's process on this machine; null when it runs elsewhere. */
  readonly pid: number | null
}

/** Runs one load against one broker on a topic of its own. Throws a BenchError when it cannot. */
export async function runLoad(
  load: Load,
  { address, pid }: Measured,
  limits: RunLimits,
): Promise<Measurement> {
  const meter = new Meter()
  const usage = { broker: NO_USE, generatorCpuSeconds: 0 }
  const context: RunContext = {
    address,
    topic: `bench-${load.name}-${randomUUID().slice(0, 8)}`,
    meter,
    limitMs: limits.warmupMs + limits.measureMs + EXTRA_TIME_MS,
    maxPreloadBytes: limits.maxPreloadBytes,
    async measure() {
      await sleep(limits.warmupMs)
      const before = readUse(pid)
      meter.open(performance.now())
      await sleep(limits.measureMs)
      meter.close(performance.now())
      const after = readUse(pid)
      usage.broker = difference(before.broker, after.broker)
      usage.generatorCpuSeconds = after.generatorCpuSeconds - before.generatorCpuSeconds
    },
  }
  const detail = await runKind(load, context)
  return {
    load: load.name,
    seconds: meter.seconds,
    ...rates(load, meter),
    latencyMs: latencyOf(meter),
    ...usage.broker,
    generatorCpuSeconds: usage.generatorCpuSeconds,
    detail,
  }
}

/** Runs it and answers what else there is to say. */
async function runKind(load: Load, context: RunContext): Promise<string> {
  const { meter } = context
  switch (load.kind) {
    case 'produce':
      await runProduce(load, context)
      return ''
    case 'consume':
      await runConsume(load, context)
      return ''
    case 'both-ways':
      await runBothWays(load, context)
      return `written ${perSecond(meter.written, meter)}/s, read ${perSecond(meter.read, meter)}/s`
    case 'paced': {
      const lateMicros = await runPaced(load, context)
      const [p50, p99] = [lateMicros.percentile(50) / 1000, lateMicros.percentile(99) / 1000]
      return `of it generator late by p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`
    }
    default:
      return load satisfies never
  }
}

function rates(
  load: Load,
  meter: Meter,
): Pick<Measurement, 'recordsPerSecond' | 'megabytesPerSecond'> {
  const records = countedRecords(load, meter)
  const recordsPerSecond = records / meter.seconds
  return { recordsPerSecond, megabytesPerSecond: (recordsPerSecond * load.batch.recordBytes) / 1e6 }
}

/** Both ways counts what got through in both: the lower of the two. */
function countedRecords(load: Load, meter: Meter): number {
  if (load.kind === 'produce') return meter.written
  return load.kind === 'both-ways' ? Math.min(meter.written, meter.read) : meter.read
}

function latencyOf({ latencyMicros }: Meter): LatencyMs | null {
  if (latencyMicros.total === 0) return null
  const at = (percent: number): number => latencyMicros.percentile(percent) / 1000
  return { p50: at(50), p99: at(99), p999: at(99.9) }
}

type BrokerUse = Pick<Measurement, 'brokerCpuSeconds' | 'brokerResidentBytes'>

const NO_USE: BrokerUse = { brokerCpuSeconds: null, brokerResidentBytes: null }

interface Use {
  readonly broker: ProcessUsage | null
  readonly generatorCpuSeconds: number
}

function readUse(pid: number | null): Use {
  const { user, system } = process.cpuUsage()
  return {
    broker: pid === null ? null : readProcessUsage(pid),
    generatorCpuSeconds: (user + system) / 1e6,
  }
}

function difference(before: ProcessUsage | null, after: ProcessUsage | null): BrokerUse {
  if (!before || !after) return NO_USE
  return {
    brokerCpuSeconds: after.cpuSeconds - before.cpuSeconds,
    brokerResidentBytes: after.residentBytes,
  }
}

function perSecond(records: number, meter: Meter): string {
  return Math.round(records / meter.seconds).toLocaleString('en-US')
}

function sleep(forMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, forMs))
}
