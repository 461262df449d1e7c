import { fullBatchOf } from '../../loads/batch-shapes.ts'
import { bothWays } from '../../loads/both-ways.ts'
import { latency } from '../../loads/latency.ts'
import { runBothWays } from '../../run/run-both-ways.ts'
import type { RunLimits } from '../../run/run-context.ts'
import { createRunContext } from '../../run/run-context.ts'
import { runPaced } from '../../run/run-paced.ts'
import type { RunFigures, TableClient } from './client.ts'

const SETTLE_MS = 1_000

/** Glasslog's own load generator, for brokers that speak Kafka's protocol. */
export const rawClient: TableClient = {
  description:
    'raw: our load generator, requests encoded beforehand, full batches of 16 KiB, 2 producers with 5 in flight each, 2 consumers',
  prepare: () => Promise.resolve(),
  async run(broker, recordBytes, times): Promise<RunFigures> {
    const limits = limitsOf(times.warmupMs, times.measureMs)
    const context = createRunContext(`table-${recordBytes}`, broker, limits)
    const outcome = await runBothWays({ ...bothWays, batch: fullBatchOf(recordBytes) }, context)
    const { written, read, seconds } = context.meter
    const paced = await runPaced(
      {
        ...latency,
        batch: { recordBytes, recordsPerBatch: 1 },
        requestsPerSecond: times.pacedRecordsPerSecond,
      },
      createRunContext(`table-paced-${recordBytes}`, broker, limitsOf(SETTLE_MS, times.pacedMs)),
    )
    return {
      writtenPerSecond: written / seconds,
      readPerSecond: read / seconds,
      latencyMs: paced.latencyMs ?? null,
      brokerCpuSeconds: outcome.brokerCpuSeconds ?? null,
      brokerResidentBytes: outcome.brokerResidentBytes ?? null,
      seconds,
    }
  },
}

function limitsOf(warmupMs: number, measureMs: number): RunLimits {
  return { warmupMs, measureMs, scale: 0 }
}
