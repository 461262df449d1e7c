import { mkdirSync } from 'node:fs'
import { BenchError } from './client/bench-error.ts'

/** Where brokers keep their data while they run: made when it is not there, so that `--dir` may name a new one. */
export function workDirectory(path: string): string {
  try {
    mkdirSync(path, { recursive: true })
    return path
  } catch (error) {
    throw new BenchError(`--dir: ${error instanceof Error ? error.message : String(error)}`)
  }
}
