import { BenchError } from '../client/bench-error.ts'
import { withConnections } from '../client/connections.ts'
import type { ManyPartitionsLoad } from '../loads/load.ts'
import { syncDisks } from '../measure/page-cache.ts'
import { whole } from '../report/figures.ts'
import type { Outcome } from './measurement.ts'
import { preload } from './preload.ts'
import type { RunContext } from './run-context.ts'
import { createRunContext, sleep } from './run-context.ts'
import { produceUntilOver } from './run-produce.ts'

/** Each partition has been written to so often before anything is counted. */
const ROUNDS_BEFORE = 2
/**
 * Then nothing is written for a while, so that a broker which lays records down later has made the
 * files of new partitions: what they cost once is not what this load is about.
 */
const SETTLING_MS = 12_000

interface Phase {
  readonly cpuMicrosPerRecord: number
  readonly recordsPerSecond: number
  readonly seconds: number
  readonly residentBytes: number | null
}

/** The same requests first over few partitions, then over many, on the same broker. */
export async function runManyPartitions(
  load: ManyPartitionsLoad,
  context: RunContext,
): Promise<Outcome> {
  const { scale } = context.limits
  const partitions = Math.max(Math.round(load.partitions * scale), load.fewPartitions)
  const few = await runPhase({ ...load, partitions: load.fewPartitions }, context)
  const many = await runPhase({ ...load, partitions }, context)
  return {
    seconds: many.seconds,
    brokerResidentBytes: many.residentBytes,
    figures: {
      'CPU us/record, few partitions': few.cpuMicrosPerRecord,
      'CPU us/record, many partitions': many.cpuMicrosPerRecord,
      'many : few': many.cpuMicrosPerRecord / few.cpuMicrosPerRecord,
    },
    detail: `${whole(few.recordsPerSecond)} records/s over ${load.fewPartitions} partitions, ${whole(many.recordsPerSecond)} over ${partitions}`,
  }
}

async function runPhase(load: ManyPartitionsLoad, outer: RunContext): Promise<Phase> {
  const context = createRunContext(load.name, outer, outer.limits)
  const { address, limitMs, meter } = context
  const { scale } = outer.limits
  const { recordBytes, recordsPerBatch } = load.batch
  const preloadBytes = load.partitions * recordBytes * recordsPerBatch * ROUNDS_BEFORE
  await preload({ ...load, preloadBytes }, { ...context, limits: { ...context.limits, scale: 1 } })
  await sleep(SETTLING_MS * scale)
  // In a memory group full of dirty pages a broker would spend its time looking for clean ones.
  await syncDisks()
  const { connections: count } = load.producers
  return withConnections(address, { count, limitMs }, async (connections) => {
    const producing = produceUntilOver(connections, load, context)
    const { brokerCpuSeconds, brokerResidentBytes } = await context.measure()
    await producing
    if (brokerCpuSeconds === null) {
      throw new BenchError('the CPU time of a broker elsewhere cannot be seen')
    }
    return {
      cpuMicrosPerRecord: (brokerCpuSeconds * 1e6) / meter.written,
      recordsPerSecond: meter.written / meter.seconds,
      seconds: meter.seconds,
      residentBytes: brokerResidentBytes,
    }
  })
}
