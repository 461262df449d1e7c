/**
 * `npm run test:interop:logins`: clients that we did not write log in to a broker by every mechanism
 * that they know, and Kafka's own tools administer users, ACLs and delegation tokens. Prints a line
 * for each step; exits with 1 when one failed.
 */

import { endAllChildren } from './harness/child.ts'
import { whatIsMissing } from './harness/toolchains.ts'
import { startSecuredBroker } from './logins/secured-broker.ts'
import type { Step } from './logins/steps.ts'
import { steps } from './logins/steps.ts'

async function main(only: string | undefined): Promise<number> {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const broker = await startSecuredBroker()
  try {
    for (const step of steps) {
      const isNeeded = step === steps[0] || step === steps[1]
      if (only !== undefined && step.client !== only && !isNeeded) continue
      const outcome = await attempt(step, broker)
      counts[outcome.kind]++
      const detail = outcome.detail === '' ? '' : `: ${outcome.detail}`
      console.log(`${outcome.kind.padEnd(7)} ${step.client} ${step.what}${detail}`)
    }
  } finally {
    await broker.stop()
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
  return counts.failed > 0 ? 1 : 0
}

async function attempt(step: Step, broker: Parameters<Step['run']>[0]) {
  for (const tool of step.tools) {
    const missing = await whatIsMissing(tool)
    if (missing !== null) return { kind: 'skipped', detail: missing } as const
  }
  try {
    await step.run(broker)
    return { kind: 'passed', detail: '' } as const
  } catch (error) {
    return { kind: 'failed', detail: error instanceof Error ? error.message : `${error}` } as const
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    endAllChildren()
    process.exit(1)
  })
process.once('exit', endAllChildren)

process.exitCode = await main(process.argv[2])
