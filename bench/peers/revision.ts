import { runToEnd } from '../target/run-to-end.ts'

const GIT_TIMEOUT_MS = 10_000
/** What a running broker consists of; a change elsewhere does not make old figures stale. */
const BROKER_ROOMS = ['kit', 'protocol', 'audit', 'broker', 'cli']

/** The commit that last changed the broker, in short, and whether something is not committed. */
export async function describeRevision(): Promise<string> {
  const git = ['git', '-C', import.meta.dirname]
  const rooms = ['--', ...BROKER_ROOMS.map((room) => `:/${room}`)]
  const commit = await runToEnd([...git, 'log', '-1', '--format=%h', ...rooms], GIT_TIMEOUT_MS)
  if (commit.exitCode !== 0) return 'of unknown revision'
  const changes = await runToEnd([...git, 'status', '--porcelain', ...rooms], GIT_TIMEOUT_MS)
  return `at ${commit.output.trim()}${changes.output.trim() === '' ? '' : ' with local changes'}`
}
