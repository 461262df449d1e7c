/**
 * `npm run docs` writes the pages of docs/ that list things, from the tables that the code runs on;
 * `--check` fails when a page is not what the tables say.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { renderCompatibility } from './compatibility.ts'
import { renderConfiguration } from './configuration.ts'
import { renderErrors } from './errors.ts'
import { renderHttpApi } from './http-api.ts'
import { renderMetrics } from './metrics.ts'
import { renderOperations } from './operations.ts'

const PAGES: Readonly<Record<string, () => string | Promise<string>>> = {
  'compatibility.md': renderCompatibility,
  'configuration.md': renderConfiguration,
  'errors.md': renderErrors,
  'http-api.md': renderHttpApi,
  'metrics.md': renderMetrics,
  'operations.md': renderOperations,
}

const checkOnly = process.argv.includes('--check')
const stale: string[] = []
for (const [name, render] of Object.entries(PAGES)) {
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
