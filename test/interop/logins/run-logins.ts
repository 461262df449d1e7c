import { runSteps } from '../harness/run-steps.ts'
import type { Counts } from '../harness/table.ts'
import { startSecuredBroker } from './secured-broker.ts'
import { NEEDED_STEPS, steps } from './steps.ts'

/** Clients that a run of logins knows. */
export const loginClients: readonly string[] = [...new Set(steps.map(({ client }) => client))]

/**
 * Clients that we did not write log in to a broker by every mechanism that they know, and Kafka's own
 * tools administer users, ACLs and delegation tokens. Prints a line for each step.
 */
export function runLogins(wanted: (client: string) => boolean): Promise<Counts> {
  return runSteps({
    name: 'login',
    start: startSecuredBroker,
    steps,
    neededSteps: NEEDED_STEPS,
    wanted,
  })
}
