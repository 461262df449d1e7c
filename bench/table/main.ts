/** `npm run bench:table`: see README.md one folder up. */
import { tableCommand } from './command.ts'

process.exitCode = await tableCommand(process.argv.slice(2))
