import { readTreeMemory } from '../../measure/tree-memory.ts'
import type { Installation } from '../../target/installation.ts'
import type { Outcome } from '../measurement.ts'
import type { RunLimits } from '../run-context.ts'
import { sleep } from '../run-context.ts'
import { firstWrite } from './first-write.ts'
import { withProcess } from './with-process.ts'

const TOPIC = 'bench-idle'
const MIB = 1024 * 1024

/** Memory of the broker's process, and of what it started, after it had nothing to do for a while. */
export async function runIdle(
  installation: Installation,
  { warmupMs, measureMs }: RunLimits,
): Promise<Outcome> {
  return withProcess(installation, async ({ pid }) => {
    await firstWrite(installation.address, TOPIC)
    await sleep(warmupMs + measureMs)
    const { residentBytes, proportionalBytes } = readTreeMemory(pid)
    return {
      seconds: (warmupMs + measureMs) / 1000,
      brokerResidentBytes: residentBytes,
      figures: {
        'RSS MiB': residentBytes / MIB,
        'PSS MiB': proportionalBytes / MIB,
      },
    }
  })
}
