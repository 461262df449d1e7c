import type { LifecycleLoad } from '../../loads/load.ts'
import type { Installation } from '../../target/installation.ts'
import type { Measurement, Outcome } from '../measurement.ts'
import { measurementOf } from '../measurement.ts'
import type { RunLimits } from '../run-context.ts'
import { runIdle } from './run-idle.ts'
import { runRestart } from './run-restart.ts'
import { runSecured } from './run-secured.ts'
import { runStart } from './run-start.ts'

/** Runs a load that starts and kills the broker itself. Leaves no process; the installation stays. */
export async function runLifecycle(
  load: LifecycleLoad,
  installation: Installation,
  limits: RunLimits,
): Promise<Measurement> {
  return measurementOf(load.name, await runKind(load, installation, limits))
}

function runKind(
  load: LifecycleLoad,
  installation: Installation,
  limits: RunLimits,
): Promise<Outcome> {
  switch (load.kind) {
    case 'start':
      return runStart(installation)
    case 'idle':
      return runIdle(installation, limits)
    case 'restart':
      return runRestart(load, installation, limits)
    case 'secured':
      return runSecured(load, installation, limits)
    default:
      return load satisfies never
  }
}
