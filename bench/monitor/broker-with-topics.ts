import type { BrokerOn } from '../audit/broker-on.ts'
import { startBrokerOn } from '../audit/broker-on.ts'

/** How many topics are made at the same time. */
const LANES = 8

/** A broker on an empty directory, with topics `t0`, `t1` and so on. */
export async function startBrokerWithTopics(
  directory: string,
  topics: number,
  partitions: number,
): Promise<BrokerOn> {
  const broker = await startBrokerOn(directory)
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < topics) {
      const name = `t${next++}`
      await broker.ask('POST /v1/topics', { name, partitions })
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  return broker
}
