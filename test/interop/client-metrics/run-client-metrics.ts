import type { Counts } from '../harness/table.ts'
import { whatIsMissing } from '../harness/toolchains.ts'
import type { ObservedBroker } from './observed-broker.ts'
import { startObservedBroker } from './observed-broker.ts'
import type { Step } from './steps.ts'
import { NEEDED_STEPS, steps } from './steps.ts'

/** Tools and clients mostly wait, so two cores carry three. */
const STEPS_AT_A_TIME = 3

type Outcome = { readonly kind: 'passed' | 'failed' | 'skipped'; readonly detail: string }

/** Clients that report of themselves, and the tools that ask them to. */
export const reportingClients: readonly string[] = [...new Set(steps.map(({ client }) => client))]

/**
 * Clients that we did not write report what they see (KIP-714) to a broker that Kafka's own tools
 * have told to ask for it; it shows that on /metrics and passes it on. Prints a line for each step.
 */
export async function runClientMetrics(wanted: (client: string) => boolean): Promise<Counts> {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const broker = await startObservedBroker()
  try {
    const run = async (step: Step): Promise<void> => {
      const { kind, detail } = await attempt(step, broker)
      counts[kind]++
      const why = detail === '' ? '' : `: ${detail}`
      console.log(`client-metrics ${kind.padEnd(7)} ${step.client} ${step.what}${why}`)
    }
    for (const step of steps.slice(0, NEEDED_STEPS)) await run(step)
    const queue = steps.slice(NEEDED_STEPS).filter(({ client }) => wanted(client))
    const lane = async (): Promise<void> => {
      for (let step = queue.shift(); step; step = queue.shift()) await run(step)
    }
    await Promise.all(Array.from({ length: STEPS_AT_A_TIME }, lane))
  } finally {
    await broker.stop()
  }
  return counts
}

async function attempt(step: Step, broker: ObservedBroker): Promise<Outcome> {
  for (const tool of step.tools) {
    const missing = await whatIsMissing(tool)
    if (missing !== null) return { kind: 'skipped', detail: missing }
  }
  try {
    await step.run(broker)
    return { kind: 'passed', detail: '' }
  } catch (error) {
    return { kind: 'failed', detail: error instanceof Error ? error.message : `${error}` }
  }
}
