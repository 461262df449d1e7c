import { BenchError } from './client/bench-error.ts'

/** A wrong command line: what is wrong, and what would be right. */
export class UsageError extends BenchError {
  /** Reads a command line, adding the usage to what is wrong with it. */
  static of<Result>(usage: string, parse: () => Result): Result {
    try {
      return parse()
    } catch (error) {
      throw error instanceof BenchError ? new UsageError(`${error.message}\n\n${usage}`) : error
    }
  }
}

/**
 * Runs a command and answers its exit code: 0, 1 failed, 64 wrong usage. Says what went wrong in a
 * sentence; a stack is for faults of the program only.
 */
export async function reporting(run: () => Promise<void>): Promise<number> {
  try {
    await run()
    return 0
  } catch (error) {
    if (!(error instanceof BenchError)) throw error
    console.error(`bench: ${error.message}`)
    return error instanceof UsageError ? 64 : 1
  }
}
