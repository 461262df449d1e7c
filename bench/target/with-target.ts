import { BenchError } from '../client/bench-error.ts'
import type { Target } from './target.ts'

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/**
 * Starts a broker for the work and stops it afterwards, also when the work fails or somebody stops
 * the bench: no broker and no data may outlive it.
 */
export async function withTarget<Result>(
  start: () => Promise<Target>,
  work: (target: Target) => Promise<Result>,
): Promise<Result> {
  const { promise: interrupted, reject } = Promise.withResolvers<never>()
  interrupted.catch(() => {})
  const interrupt = (): void => reject(new BenchError('interrupted'))
  for (const signal of SIGNALS) process.on(signal, interrupt)
  try {
    const target = await start()
    try {
      return await Promise.race([work(target), interrupted])
    } finally {
      await target.stop()
    }
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt)
  }
}
