/** `npm run bench:peers`: see README.md one folder up. */
import { peersCommand } from './command.ts'

process.exitCode = await peersCommand(process.argv.slice(2))
