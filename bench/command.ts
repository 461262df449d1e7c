import { parseBenchArguments, usage } from './arguments.ts'
import { bench } from './bench.ts'
import { BenchError } from './client/bench-error.ts'

export { usage }

/** Runs the load generator for a command line and answers the exit code: 0, 1 failed, 64 usage. */
export async function benchCommand(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(usage)
    return 0
  }
  return reporting(async () => {
    await bench(parseArguments(args), (line) => console.log(line))
    return 0
  })
}

class UsageError extends BenchError {}

function parseArguments(args: readonly string[]) {
  try {
    return parseBenchArguments(args)
  } catch (error) {
    throw error instanceof BenchError ? new UsageError(`${error.message}\n\n${usage}`) : error
  }
}

/** Says what went wrong in a sentence; a stack is for faults of the program only. */
async function reporting(run: () => Promise<number>): Promise<number> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof BenchError)) throw error
    console.error(`bench: ${error.message}`)
    return error instanceof UsageError ? 64 : 1
  }
}
