import type { RunningLoad } from '../loads/load.ts'
import type { Measurement, Outcome } from './measurement.ts'
import { measurementOf } from './measurement.ts'
import { runBehind } from './run-behind.ts'
import { runBothWays } from './run-both-ways.ts'
import { runConnections } from './run-connections.ts'
import { runConsume } from './run-consume.ts'
import type { Measured, RunLimits } from './run-context.ts'
import { createRunContext } from './run-context.ts'
import { runManyPartitions } from './run-many-partitions.ts'
import { runNeighbours } from './run-neighbours.ts'
import { runPaced } from './run-paced.ts'
import { runProduce } from './run-produce.ts'

/** Runs one load against a running broker on topics of its own. Throws a BenchError when it cannot. */
export async function runLoad(
  load: RunningLoad,
  broker: Measured,
  limits: RunLimits,
): Promise<Measurement> {
  return measurementOf(load.name, await runKind(load, broker, limits))
}

function runKind(load: RunningLoad, broker: Measured, limits: RunLimits): Promise<Outcome> {
  const context = createRunContext(load.name, broker, limits)
  switch (load.kind) {
    case 'produce':
      return runProduce(load, context)
    case 'consume':
      return runConsume(load, context)
    case 'both-ways':
      return runBothWays(load, context)
    case 'paced':
      return runPaced(load, context)
    case 'behind':
      return runBehind(load, context)
    case 'many-partitions':
      return runManyPartitions(load, context)
    case 'connections':
      return runConnections(load, context)
    case 'neighbours':
      return runNeighbours(load, context)
    default:
      return load satisfies never
  }
}
