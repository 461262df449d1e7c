import { describe } from 'vitest'
import { describeAppends } from './contract/appends.ts'
import { describeGrowth } from './contract/growth.ts'
import { describeLifetime } from './contract/lifetime.ts'
import { describeLogStart } from './contract/log-start.ts'
import { describeProducers } from './contract/producers.ts'
import { describeReads } from './contract/reads.ts'
import { describeTransactions } from './contract/transactions.ts'
import type { LogStoreUnderTest } from './contract/world.ts'
import { worldOf } from './contract/world.ts'

export { batchOf, CONFIG, marker, spec, TOPIC_A, TOPIC_B, valuesIn } from './contract/samples.ts'
export type { LogStoreUnderTest } from './contract/world.ts'

/**
 * What every storage engine must do. `create` makes a fresh one.
 */
export function describeLogStore(name: string, create: () => Promise<LogStoreUnderTest>): void {
  describe(`log store: ${name}`, () => {
    const world = worldOf(create)
    describeAppends(world)
    describeProducers(world)
    describeReads(world)
    describeTransactions(world)
    describeGrowth(world)
    describeLogStart(world)
    describeLifetime(world)
  })
}
