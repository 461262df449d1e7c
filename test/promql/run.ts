import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Labels, METRIC_NAME, parseSeriesLine } from '../../monitor/promql/index.ts'
import { judge } from './judge.ts'
import type { LoadCommand } from './script.ts'
import { parseScript } from './script.ts'
import { ScriptSource } from './script-source.ts'

// `npm run test:promql -- DIR`: every script of a folder in the language of Prometheus' own PromQL tests.
const DEFAULT_FOLDER = fileInRepository('../shared/promqltest')
/** The part of what is in scope that has to pass. */
const GOAL = 0.98

interface Counts {
  passed: number
  failed: number
  outOfScope: number
}

function fileInRepository(path: string): string {
  return resolve(import.meta.dirname, '../..', path)
}

function runScript(
  path: string,
  features: Map<string, number>,
): { counts: Counts; failures: string[] } {
  const counts: Counts = { passed: 0, failed: 0, outOfScope: 0 }
  const failures: string[] = []
  const source = new ScriptSource()
  for (const command of parseScript(readFileSync(path, 'utf8'))) {
    if (command.kind === 'clear') source.clear()
    else if (command.kind === 'load') load(source, command)
    else {
      const judgement = judge(command, source)
      if (judgement.kind === 'passed') counts.passed++
      else if (judgement.kind === 'failed') {
        counts.failed++
        failures.push(`  line ${command.line}: ${command.expression}\n    ${judgement.why}`)
      } else {
        counts.outOfScope++
        features.set(judgement.feature, (features.get(judgement.feature) ?? 0) + 1)
      }
    }
  }
  return { counts, failures }
}

function load(source: ScriptSource, command: LoadCommand): void {
  for (const line of command.series) {
    const series = parseSeriesLine(line)
    source.load(series, command.stepMs)
    if (!command.withNative) continue
    const name = series.labels.metricName.replace(/_(?:bucket|sum|count)$/, '')
    const labels = Labels.from(
      [...series.labels.entries()].filter(([label]) => label !== 'le'),
    ).with(METRIC_NAME, name)
    source.load(
      {
        labels,
        values: series.values.map((value) => (value === 'gap' ? value : 'native histograms')),
      },
      command.stepMs,
    )
  }
}

const folder = resolve(process.argv[2] ?? DEFAULT_FOLDER)
if (!existsSync(folder)) {
  console.error(`There is no folder ${folder}.
Give one with scripts like those of Prometheus (promql/promqltest/testdata in its sources):
  npm run test:promql -- DIR`)
  process.exit(1)
}
const features = new Map<string, number>()
const total: Counts = { passed: 0, failed: 0, outOfScope: 0 }
for (const file of readdirSync(folder)
  .filter((name) => name.endsWith('.test'))
  .sort()) {
  const { counts, failures } = runScript(join(folder, file), features)
  total.passed += counts.passed
  total.failed += counts.failed
  total.outOfScope += counts.outOfScope
  console.log(`${file}: ${counts.passed} / ${counts.passed + counts.failed} / ${counts.outOfScope}`)
  for (const failure of failures) console.log(failure)
}
const inScope = total.passed + total.failed
console.log(
  `\nall: ${total.passed} passed / ${inScope} in scope / ${total.outOfScope} out of scope`,
)
for (const [feature, count] of [...features].sort(([, a], [, b]) => b - a)) {
  console.log(`  out of scope for ${feature}: ${count}`)
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.outOfScope} skipped`)
process.exitCode = inScope > 0 && total.passed >= GOAL * inScope ? 0 : 1
