import { inspectionFamilies } from './inspections/index.ts'
import type { Family } from './metrics/index.ts'
import { listMonitorFamilies as listOwnFamilies } from './metrics/index.ts'
import { ProbeStats } from './probe/index.ts'

/** Every family at `/metrics` of the console port, without a monitor behind it, for docs: never their samples. */
export function listMonitorFamilies(): readonly Omit<Family, 'samples'>[] {
  return [
    ...listOwnFamilies(),
    ...new ProbeStats().families(),
    ...inspectionFamilies({ findings: () => [], lastReport: () => null }),
  ]
}
