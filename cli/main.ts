import { audit } from './commands/audit.ts'
import { broker } from './commands/broker.ts'
import { renderHelp } from './commands/help.ts'
import { start } from './commands/start.ts'
import { version } from './commands/version.ts'
import { CommandFailure, EXIT } from './exit-codes.ts'

/** A subcommand: gets the arguments after its name, answers the exit code. */
type Command = (args: readonly string[]) => Promise<number>

const COMMANDS: Readonly<Record<string, Command>> = { start, broker, audit, version }

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    console.log(renderHelp())
    return name === undefined ? EXIT.usage : EXIT.ok
  }
  if (name === '--version') return version([])
  const command = COMMANDS[name]
  if (!command) {
    throw new CommandFailure(`unknown command: ${name}\nTry: glasslog help`, EXIT.usage)
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    console.log(renderHelp(name))
    return EXIT.ok
  }
  return command(rest)
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof CommandFailure)) throw error
  console.error(`glasslog: ${error.message}`)
  process.exitCode = error.exitCode
}
