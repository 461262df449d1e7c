/**
 * `npm run docs` writes the pages of docs/ that list things, from the tables that the code runs on;
 * `--check` fails when a page is not what the tables say.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openRealDisk } from '../../kit/index.ts'
import { DEFAULT_RULE_FILES, readRuleFiles } from '../../monitor/index.ts'
import { renderCompatibility } from './compatibility.ts'
import { renderConfiguration } from './configuration.ts'
import { renderErrors } from './errors.ts'
import { renderEvents } from './events.ts'
import { renderHttpApi } from './http-api.ts'
import { renderInspections } from './inspections.ts'
import { renderMetrics } from './metrics.ts'
import { renderOperations } from './operations.ts'
import { renderRunbooks } from './runbooks.ts'

const PAGES: Readonly<Record<string, () => string | Promise<string>>> = {
  'compatibility.md': renderCompatibility,
  'configuration.md': renderConfiguration,
  'errors.md': renderErrors,
  'events.md': renderEvents,
  'http-api.md': renderHttpApi,
  'inspections.md': renderInspections,
  'metrics.md': renderMetrics,
  'operations.md': renderOperations,
}

/** The pages of docs/runbooks/, in which there are no others. */
const RUNBOOKS = renderRunbooks(await readRuleFiles(openRealDisk(), DEFAULT_RULE_FILES))

const checkOnly = process.argv.includes('--check')
const stale: string[] = []
const pages: [string, () => string | Promise<string>][] = [
  ...Object.entries(PAGES),
  ...Array.from(RUNBOOKS, ([name, text]): [string, () => string] => [
    `runbooks/${name}`,
    () => text,
  ]),
]
const runbooks = join(import.meta.dirname, '../runbooks')
await mkdir(runbooks, { recursive: true })
for (const name of await readdir(runbooks)) {
  if (RUNBOOKS.has(name)) continue
  stale.push(`runbooks/${name}`)
  if (!checkOnly) await rm(join(runbooks, name))
}
for (const [name, render] of pages) {
  const path = join(import.meta.dirname, '..', name)
  const text = await render()
  const current = await readFile(path, 'utf8').catch(() => '')
  if (current === text) continue
  stale.push(name)
  if (!checkOnly) await writeFile(path, text)
}
if (stale.length === 0) console.log('docs are up to date')
else if (checkOnly) console.error(`not what the tables say: ${stale.join(', ')}. Run: npm run docs`)
else console.log(`written: ${stale.join(', ')}`)
process.exitCode = checkOnly && stale.length > 0 ? 1 : 0
