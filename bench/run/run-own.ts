import type { Load } from '../loads/load.ts'
import { isLifecycle } from '../loads/load.ts'
import type { Installation } from '../target/installation.ts'
import { startInstalled } from '../target/installation.ts'
import { withTarget } from '../target/with-target.ts'
import { runLifecycle } from './lifecycle/run-lifecycle.ts'
import type { Measurement } from './measurement.ts'
import type { RunLimits } from './run-context.ts'
import { runLoad } from './run-load.ts'

/** Runs any load on a broker that is installed for it alone and removed afterwards. */
export function runOwn(
  load: Load,
  install: () => Promise<Installation>,
  limits: RunLimits,
): Promise<{ readonly measurement: Measurement; readonly command: string }> {
  return withTarget(install, async (installation) => {
    const { command } = installation
    if (isLifecycle(load)) {
      return { measurement: await runLifecycle(load, installation, limits), command }
    }
    const target = await startInstalled(installation)
    return { measurement: await runLoad(load, target, limits), command }
  })
}
