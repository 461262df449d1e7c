import { EXIT } from './exit-codes.ts'

/**
 * Resolves on SIGTERM or SIGINT, or when the supervisor that started this process is gone. More of them
 * change nothing: of one Ctrl-C a process hears from the terminal and from whoever started it, and the
 * second must not kill it while it stops.
 */
export function askedToStop(): Promise<number> {
  const asked = Promise.withResolvers<number>()
  for (const signal of ['SIGINT', 'SIGTERM', 'disconnect'] as const) {
    process.on(signal, () => asked.resolve(EXIT.ok))
  }
  // Listening for the supervisor's end must not keep a process alive that is done.
  process.channel?.unref()
  return asked.promise
}
