import { parseBenchArguments, usage } from './arguments.ts'
import { bench } from './bench.ts'
import { reporting, UsageError } from './reporting.ts'

/** Runs the load generator for a command line and answers the exit code: 0, 1 failed, 64 usage. */
export async function benchCommand(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(usage)
    return 0
  }
  return reporting(async () => {
    const parsed = UsageError.of(usage, () => parseBenchArguments(args))
    await bench(parsed, (line) => console.log(line))
  })
}
