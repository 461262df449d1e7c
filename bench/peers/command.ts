import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writePicture } from '../picture/picture-file.ts'
import { reporting, UsageError } from '../reporting.ts'
import type { PeersArguments } from './arguments.ts'
import { parsePeersArguments, usage } from './arguments.ts'
import { cacheDirectory } from './cache.ts'
import { compare } from './compare.ts'
import { ComparisonStore } from './comparison-store.ts'
import { readEarlierRuns, withRuns, writeEarlierRuns } from './earlier-runs.ts'
import { fetchKafkaJars, requireJava } from './kafka-jars.ts'
import { renderResults } from './report/results.ts'

const RESULTS_FILE = join(import.meta.dirname, '../RESULTS.md')
/** Committed, unlike the pairs themselves, so that a run on another day has something to look back on. */
const EARLIER_RUNS_FILE = join(import.meta.dirname, '../earlier-runs.json')

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
    const store = new ComparisonStore(join(cacheDirectory, resultsDirectory(args)))
    const isFullScale = args.limits.scale === 1
    // What is about to be replaced must be among the earlier runs first.
    if (isFullScale) keepResults(store)
    for (const load of args.loads) {
      await compare(load, args, jars, store, (line) => console.log(line))
      if (isFullScale) keepResults(store)
    }
    if (!isFullScale) console.log(`\n${renderResults(store.all(), [])}`)
  })
}

/** What was tried out at a smaller scale is kept apart. */
function resultsDirectory({ limits }: PeersArguments): string {
  return limits.scale === 1 ? 'results' : `results-at-scale-${limits.scale}`
}

function keepResults(store: ComparisonStore): void {
  const comparisons = store.all()
  const runs = withRuns(readEarlierRuns(EARLIER_RUNS_FILE), comparisons)
  writeEarlierRuns(EARLIER_RUNS_FILE, runs)
  writeFileSync(RESULTS_FILE, renderResults(comparisons, runs))
  writePicture()
}
