import { CommandFailure, EXIT } from './exit-codes.ts'
import { takeFlag } from './options.ts'

/** Flags of a subcommand by their names. */
export type Flags = ReadonlyMap<string, string>

/** What a subcommand was given. */
export interface Arguments {
  readonly flags: Flags
  /** What is no flag, in order. */
  readonly words: readonly string[]
}

/** What a subcommand takes. */
export interface Accepted {
  /** Its name, for what it says of wrong usage. */
  readonly command: string
  /** Flags with a value, and those without. */
  readonly valued: readonly string[]
  readonly switches?: readonly string[]
}

/** Reads flags with values, switches without, and words. Throws a CommandFailure for others. */
export function parseArguments(
  args: readonly string[],
  { command, valued, switches = [] }: Accepted,
): Arguments {
  const flags = new Map<string, string>()
  const words: string[] = []
  const queue = [...args]
  for (let arg = queue.shift(); arg !== undefined; arg = queue.shift()) {
    if (!arg.startsWith('--')) {
      words.push(arg)
      continue
    }
    const known = arg.slice(2).split('=', 1)[0] ?? ''
    if (!valued.includes(known) && !switches.includes(known)) {
      throw wrongUsage(command, `unknown flag: --${known}`)
    }
    const isSwitch = switches.includes(arg.slice(2))
    const [name, value] = isSwitch ? ([known, 'true'] as const) : takeFlag(arg, queue)
    flags.set(name, value)
  }
  return { flags, words }
}

export function wrongUsage(command: string, message: string): CommandFailure {
  return new CommandFailure(`${message}\nTry: glasslog ${command} --help`, EXIT.usage)
}
