import type { RawClient } from '../support/client.ts'
import type { InspectedBroker } from '../support/inspected-broker.ts'

/** The broker under inspection, and connections to it. */
export interface World extends InspectedBroker {
  /** Of a client that nobody complains about. */
  readonly client: RawClient
  /** Another connection; it is closed with the world. */
  connect(clientId?: string): Promise<RawClient>
  /** A connection to the listener that asks for a login. */
  connectToLogIn(): Promise<RawClient>
  createTopic(name: string, partitions?: number, configs?: Record<string, string>): Promise<void>
  /** What the process at the machine is told anew, such as a file that was replaced. */
  readonly certificates: { renew(): Promise<void> }
}

/**
 * How a check is raised by what really happens, beside a healthy twin, and cleared by its remedy: `apply` carries
 * the operation of the finding out, a function does what its steps ask people to do.
 */
export interface Scenario {
  readonly check: string
  /** What is found. */
  readonly resource: string
  /** What does the same thing well, and must not be found. */
  readonly twins: readonly string[]
  prepare?(world: World): Promise<void>
  /** What goes wrong in each of the minutes before the inspection. */
  misbehave?(world: World, minute: number): Promise<void>
  readonly mend: 'apply' | ((world: World) => Promise<void>)
  /** What goes on once it is mended. */
  behave?(world: World, minute: number): Promise<void>
}
