import { spawn } from 'node:child_process'

const KEPT_OUTPUT_CHARACTERS = 64 * 1024

export interface Ended {
  /** Null when it could not be started or was killed. */
  readonly exitCode: number | null
  /** The end of both outputs. */
  readonly output: string
}

/** Runs a command to its end and kills it after `timeoutMs`. Never rejects. */
export function runToEnd(
  [command = '', ...args]: readonly string[],
  timeoutMs: number,
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    })
    let output = ''
    const keep = (text: string): void => {
      output = (output + text).slice(-KEPT_OUTPUT_CHARACTERS)
    }
    child.stdout.setEncoding('utf8').on('data', keep)
    child.stderr.setEncoding('utf8').on('data', keep)
    child.once('error', (error) => resolve({ exitCode: null, output: error.message }))
    child.once('close', (exitCode) => resolve({ exitCode, output }))
  })
}
