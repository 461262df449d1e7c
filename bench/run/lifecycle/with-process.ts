import type { BrokerProcess } from '../../target/broker-process.ts'
import type { Installation } from '../../target/installation.ts'

/**
 * Spawns the broker for some work, which gets the moment of spawning, and stops it afterwards. When
 * the broker ends before the work does, the work has failed.
 */
export async function withProcess<Result>(
  installation: Installation,
  work: (broker: BrokerProcess, spawnedMs: number) => Promise<Result>,
): Promise<Result> {
  const spawnedMs = performance.now()
  const broker = installation.spawn()
  try {
    return await Promise.race([work(broker, spawnedMs), broker.failed])
  } finally {
    await broker.stop()
  }
}
