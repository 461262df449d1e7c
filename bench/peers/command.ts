import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { reporting, UsageError } from '../reporting.ts'
import { parsePeersArguments, usage } from './arguments.ts'
import { cacheDirectory } from './cache.ts'
import { compare } from './compare.ts'
import { ComparisonStore } from './comparison-store.ts'
import { fetchKafkaJars, requireJava } from './kafka-jars.ts'
import { renderResults } from './results.ts'

const RESULTS_FILE = join(import.meta.dirname, '../RESULTS.md')

/** Compares for a command line and answers the exit code: 0, 1 failed, 64 wrong usage. */
export async function peersCommand(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    console.log(usage)
    return 0
  }
  return reporting(async () => {
    const args = UsageError.of(usage, () => parsePeersArguments(argv))
    await requireJava()
    const jars = await fetchKafkaJars()
    const store = new ComparisonStore(join(cacheDirectory, 'results'))
    for (const load of args.loads) {
      await compare(load, args, jars, store, (line) => console.log(line))
      writeFileSync(RESULTS_FILE, renderResults(store.all()))
    }
  })
}
