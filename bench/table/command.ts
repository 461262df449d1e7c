import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheDirectory } from '../peers/cache.ts'
import { writePicture } from '../picture/picture-file.ts'
import { reporting, UsageError } from '../reporting.ts'
import { parseTableArguments, usage } from './arguments.ts'
import { EntryStore } from './entry-store.ts'
import { measureRows } from './measure-rows.ts'
import { renderTablePage } from './table-page.ts'

const TABLE_FILE = join(import.meta.dirname, '../TABLE.md')

/** Measures the table for a command line and answers the exit code: 0, 1 failed, 64 wrong usage. */
export async function tableCommand(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    console.log(usage)
    return 0
  }
  return reporting(async () => {
    const args = UsageError.of(usage, () => parseTableArguments(argv))
    const store = new EntryStore(join(cacheDirectory, 'table'))
    const writePage = (): void => writeFileSync(TABLE_FILE, renderTablePage(store.all()))
    await measureRows(args, store, (line) => console.log(line), writePage)
    writePage()
    writePicture()
  })
}
