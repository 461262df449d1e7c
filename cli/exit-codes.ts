/** Exit codes of the `glasslog` command; scripts rely on them (sysexits.h where one fits). */
export const EXIT = {
  ok: 0,
  failed: 1,
  /** `inspect`: there are findings. */
  findings: 10,
  /** `audit verify`: the history is not what was signed. */
  tampered: 20,
  /** `audit verify --require-checkpoint`: sound, and nothing from outside shows that it is complete. */
  unproved: 21,
  /** `audit verify`: there is no record in the export, and so nothing that it could show. */
  empty: 22,
  /** EX_USAGE: unknown command, unknown flag, missing argument. */
  usage: 64,
  /** EX_TEMPFAIL: the data directory belongs to a running process. */
  inUse: 75,
  /** EX_CONFIG: a value that cannot be used; the message names every fault. */
  config: 78,
} as const

/** Ends the command with a message for a person and an exit code; thrown anywhere below `main`. */
export class CommandFailure extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode: number) {
    super(message)
    this.name = 'CommandFailure'
    this.exitCode = exitCode
  }
}
