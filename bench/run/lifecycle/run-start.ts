import type { Installation } from '../../target/installation.ts'
import type { Outcome } from '../measurement.ts'
import { firstWrite, firstWriteTo } from './first-write.ts'
import { withProcess } from './with-process.ts'

const TOPIC = 'bench-start'

/**
 * From the spawn of the process until a client, which tries all the time, has its first record
 * acknowledged: on empty data, where the topic is created on the way, and after a stop on the same.
 */
export async function runStart(installation: Installation): Promise<Outcome> {
  const { address } = installation
  const firstMs = await withProcess(
    installation,
    async (_, spawnedMs) => (await firstWrite(address, TOPIC)) - spawnedMs,
  )
  const secondMs = await withProcess(
    installation,
    async (_, spawnedMs) => (await firstWriteTo(address, TOPIC)) - spawnedMs,
  )
  return {
    seconds: (firstMs + secondMs) / 1000,
    figures: { 'first start ms': firstMs, 'second start ms': secondMs },
  }
}
