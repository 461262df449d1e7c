import { runSteps } from '../harness/run-steps.ts'
import type { Counts } from '../harness/table.ts'
import { startObservedBroker } from './observed-broker.ts'
import { NEEDED_STEPS, steps } from './steps.ts'

/** Clients that report of themselves, and the tools that ask them to. */
export const reportingClients: readonly string[] = [...new Set(steps.map(({ client }) => client))]

/**
 * Clients that we did not write report what they see (KIP-714) to a broker that Kafka's own tools
 * have told to ask for it; it shows that on /metrics and passes it on. Prints a line for each step.
 */
export function runClientMetrics(wanted: (client: string) => boolean): Promise<Counts> {
  return runSteps({
    name: 'client-metrics',
    start: startObservedBroker,
    steps,
    neededSteps: NEEDED_STEPS,
    wanted,
  })
}
