import { renderHelp } from './commands/help.ts'
import { CommandFailure, EXIT } from './exit-codes.ts'

/** A subcommand: gets the arguments after its name, answers the exit code. */
type Command = (args: readonly string[]) => Promise<number>

/** Loaded when called for: `help` need not wait until a broker's code is read. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  start: async () => (await import('./commands/start.ts')).start,
  broker: async () => (await import('./commands/broker.ts')).broker,
  rules: async () => (await import('./commands/rules.ts')).rules,
  monitor: async () => (await import('./commands/monitor.ts')).monitor,
  inspect: async () => (await import('./commands/inspect.ts')).inspect,
  diagnose: async () => (await import('./commands/diagnose.ts')).diagnose,
  audit: async () => (await import('./commands/audit.ts')).audit,
  events: async () => (await import('./commands/events.ts')).events,
  backup: async () => (await import('./commands/backup.ts')).backup,
  restore: async () => (await import('./commands/restore.ts')).restore,
  'service-token': async () => (await import('./commands/service-token.ts')).serviceToken,
  bench: async () => (await import('./commands/bench.ts')).bench,
  version: async () => (await import('./commands/version.ts')).version,
}

async function main(args: readonly string[]): Promise<number> {
  const [first, ...rest] = args
  const name = first === '--version' ? 'version' : first
  const isHelp = name === 'help' || name === '--help' || name === '-h'
  if (name === undefined || (isHelp && rest[0] === undefined)) {
    console.log(renderHelp())
    return name === undefined ? EXIT.usage : EXIT.ok
  }
  const asked = isHelp ? (rest[0] ?? '') : name
  const load = Object.hasOwn(COMMANDS, asked) ? COMMANDS[asked] : undefined
  if (!load) {
    throw new CommandFailure(`unknown command: ${asked}\nTry: glasslog help`, EXIT.usage)
  }
  if (isHelp || rest.includes('--help') || rest.includes('-h')) {
    console.log(renderHelp(asked))
    return EXIT.ok
  }
  const command = await load()
  return command(rest)
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  const failure = isOfTheSystem(error) ? new CommandFailure(error.message, EXIT.failed) : error
  if (!(failure instanceof CommandFailure)) throw failure
  console.error(`glasslog: ${failure.message}`)
  process.exitCode = failure.exitCode
}

/** A file, a directory or an address that cannot be had: its message names it, and where in our code it was says no more. */
function isOfTheSystem(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && 'syscall' in error
}
