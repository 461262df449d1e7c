/**
 * `npm run check`: everything that a machine can say about the code without running the broker.
 * Prints one line a step and the output of those that failed; exit code 1 if any did.
 */
import { spawnSync } from 'node:child_process'

const STEPS: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ['types', 'tsc', '--noEmit'],
  ['lint and formatting', 'biome', 'check', '--error-on-warnings', '.'],
  ['generated docs', 'node', 'docs/generate/main.ts', '--check'],
  ['architecture', 'vitest', 'run', 'test/architecture.test.ts'],
]

let failed = 0
for (const [name, command, ...args] of STEPS) {
  const result = spawnSync(command, args, { encoding: 'utf8' })
  const ok = result.status === 0
  if (!ok) failed++
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name}`)
  if (!ok) console.log(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`)
}
console.log(failed === 0 ? 'all checks passed' : `${failed} of ${STEPS.length} checks failed`)
process.exitCode = failed === 0 ? 0 : 1
