import { execFile } from 'node:child_process'

export interface CommandResult {
  /** Null when it could not be started, or was ended by a signal. */
  readonly code: number | null
  readonly stdout: string
  /** The beginning of it. */
  readonly stderr: string
}

/** Runs a program without a shell. Never rejects. */
export type RunCommand = (file: string, args: readonly string[]) => Promise<CommandResult>

const TIMEOUT_MS = 120_000
/** How long a program has to end once it is told to. */
const GRACE_MS = 5_000
const MAX_OUTPUT_BYTES = 64 * 1024
const MAX_SHOWN = 500

/**
 * With messages in English, whatever the machine speaks, because they are kept. A program that takes too long is told
 * to end; one that cannot be, because it waits for a disk or belongs to root, is waited for no longer.
 */
export function commandRunner(
  environment: Readonly<Record<string, string | undefined>>,
  { timeoutMs, graceMs } = { timeoutMs: TIMEOUT_MS, graceMs: GRACE_MS },
): RunCommand {
  const options = {
    ...{ timeout: timeoutMs, maxBuffer: MAX_OUTPUT_BYTES },
    env: { PATH: environment.PATH, LC_ALL: 'C' },
  }
  return (file, args) =>
    new Promise((resolve) => {
      const late = AbortSignal.timeout(timeoutMs + graceMs)
      late.addEventListener('abort', () =>
        resolve({ code: null, stdout: '', stderr: `${file} does not end` }),
      )
      execFile(file, args, options, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null
        const told = stderr.trim() || (error?.message ?? '')
        resolve({ code, stdout, stderr: told.slice(0, MAX_SHOWN) })
      })
    })
}
