/** `npm run dashboards` writes Grafana's JSON of our boards; `--check` fails when a file is not what the boards say. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BOARDS_DIRECTORY, boardFiles } from './board/board-files.ts'
import { BOARDS } from './boards/boards.ts'

const checkOnly = process.argv.includes('--check')
const stale: string[] = []
for (const [name, text] of boardFiles(BOARDS)) {
  const path = join(BOARDS_DIRECTORY, name)
  if ((await readFile(path, 'utf8').catch(() => '')) === text) continue
  stale.push(name)
  if (!checkOnly) await writeFile(path, text)
}
if (stale.length === 0) console.log('boards are up to date')
else if (checkOnly)
  console.error(`not what the boards say: ${stale.join(', ')}. Run: npm run dashboards`)
else console.log(`written: ${stale.join(', ')}`)
process.exitCode = checkOnly && stale.length > 0 ? 1 : 0
