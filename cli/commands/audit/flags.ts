import type { Arguments } from '../../arguments.ts'
import { parseArguments as parse, wrongUsage } from '../../arguments.ts'
import type { CommandFailure } from '../../exit-codes.ts'

export type { Flags } from '../../arguments.ts'

/** Where records come from; every subcommand but `verify` takes these. */
export const SOURCE_FLAGS: readonly string[] = ['admin', 'token', 'data-dir']

/** Reads the arguments of an audit command. Throws a CommandFailure for others. */
export function parseArguments(
  args: readonly string[],
  valued: readonly string[],
  switches: readonly string[] = [],
): Arguments {
  return parse(args, { command: 'audit', valued, switches })
}

export function usage(message: string): CommandFailure {
  return wrongUsage('audit', message)
}
