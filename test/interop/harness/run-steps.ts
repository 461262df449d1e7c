import type { Counts } from './table.ts'
import type { Tool } from './toolchains.ts'
import { whatIsMissing } from './toolchains.ts'

/** One thing that a client, or a tool of Kafka, is to manage at a broker. It rejects with what went wrong. */
export interface Step<Broker> {
  readonly client: string
  readonly what: string
  readonly tools: readonly Tool[]
  run(broker: Broker): Promise<unknown>
}

export interface StepRun<Broker extends { stop(): Promise<unknown> }> {
  /** What each line begins with. */
  readonly name: string
  readonly start: () => Promise<Broker>
  /** Those that the others need come first. */
  readonly steps: readonly Step<Broker>[]
  readonly neededSteps: number
  readonly wanted: (client: string) => boolean
}

/** Tools mostly wait, for their virtual machine to start among others, so two cores carry three. */
const STEPS_AT_A_TIME = 3

type Outcome = { readonly kind: 'passed' | 'failed' | 'skipped'; readonly detail: string }

/** Runs steps against one broker: those that others need one by one, then the wanted ones side by side. Prints a line for each. */
export async function runSteps<Broker extends { stop(): Promise<unknown> }>({
  name,
  start,
  steps,
  neededSteps,
  wanted,
}: StepRun<Broker>): Promise<Counts> {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const broker = await start()
  try {
    const run = async (step: Step<Broker>): Promise<void> => {
      const { kind, detail } = await attempt(step, broker)
      counts[kind]++
      const why = detail === '' ? '' : `: ${detail}`
      console.log(`${name} ${kind.padEnd(7)} ${step.client} ${step.what}${why}`)
    }
    for (const step of steps.slice(0, neededSteps)) await run(step)
    const queue = steps.slice(neededSteps).filter(({ client }) => wanted(client))
    const lane = async (): Promise<void> => {
      for (let step = queue.shift(); step; step = queue.shift()) await run(step)
    }
    await Promise.all(Array.from({ length: STEPS_AT_A_TIME }, lane))
  } finally {
    await broker.stop()
  }
  return counts
}

async function attempt<Broker>(step: Step<Broker>, broker: Broker): Promise<Outcome> {
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
