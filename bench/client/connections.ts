import { BenchError } from './bench-error.ts'
import type { Address } from './frame-connection.ts'
import { FrameConnection } from './frame-connection.ts'

export type { Address } from './frame-connection.ts'

/**
 * Opens `count` connections, gives them to `work` and closes them at its end. Rejects as soon as
 * one of them fails, because the rest of the work would then wait for ever, and after `limitMs`.
 */
export async function withConnections<Result>(
  address: Address,
  { count, limitMs }: { readonly count: number; readonly limitMs: number },
  work: (connections: readonly FrameConnection[]) => Promise<Result>,
): Promise<Result> {
  const connections: FrameConnection[] = []
  const { promise: limit, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new BenchError(`no end after ${limitMs} ms`)), limitMs)
  try {
    for (let i = 0; i < count; i++) connections.push(await FrameConnection.open(address))
    const failures = connections.map(({ failed }) => failed)
    return await Promise.race([work(connections), limit, ...failures])
  } finally {
    clearTimeout(timer)
    for (const connection of connections) connection.close()
  }
}
