import { BenchError } from '../client/bench-error.ts'

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** Something that was started and must not outlive the bench: a broker, a client of its own process. */
export interface Stoppable {
  stop(): Promise<void>
}

/**
 * Starts a broker for the work and stops it afterwards, also when the work fails or somebody stops
 * the bench: no broker and no data may outlive it.
 */
export async function withTarget<Started extends Stoppable, Result>(
  start: () => Promise<Started>,
  work: (target: Started) => Promise<Result>,
): Promise<Result> {
  const { promise: interrupted, reject } = Promise.withResolvers<never>()
  interrupted.catch(() => {})
  const interrupt = (): void => reject(new BenchError('interrupted'))
  for (const signal of SIGNALS) process.on(signal, interrupt)
  // Whoever read our output has gone (`| head`): nobody would see the rest.
  process.stdout.on('error', interrupt)
  try {
    const target = await start()
    try {
      return await Promise.race([work(target), interrupted])
    } finally {
      await target.stop()
    }
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt)
    process.stdout.off('error', interrupt)
  }
}
