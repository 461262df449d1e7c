import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { BenchError } from '../client/bench-error.ts'

const READY_TIMEOUT_MS = 60_000
const STOP_TIMEOUT_MS = 15_000
const KEPT_OUTPUT_LINES = 20

export interface BrokerProcess {
  readonly pid: number
  /** What the ready line's pattern matched. */
  readonly ready: RegExpExecArray
  stop(): Promise<void>
}

/** Starts a broker and waits for the line, on either output, that says it is ready. */
export async function startBrokerProcess(
  name: string,
  [command = '', ...args]: readonly string[],
  readyLine: RegExp,
): Promise<BrokerProcess> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
    child.once('error', () => resolve())
  })
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    const kill = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
    await exited
    clearTimeout(kill)
  }
  try {
    const ready = await waitForLine(name, child, readyLine)
    return { pid: child.pid ?? 0, ready, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Goes on reading afterwards: a broker whose output nobody reads stands still. */
function waitForLine(
  name: string,
  child: ChildProcess,
  readyLine: RegExp,
): Promise<RegExpExecArray> {
  const lastLines: string[] = []
  return new Promise((resolve, reject) => {
    const fail = (why: string): void =>
      reject(new BenchError(`${name} ${why}\n${lastLines.join('\n')}`))
    const timer = setTimeout(() => fail('was not ready in time'), READY_TIMEOUT_MS)
    child.once('error', (error) => fail(`cannot be started: ${error.message}`))
    child.once('close', (code) => fail(`ended early (exit ${code})`))
    const onLine = (line: string): void => {
      lastLines.push(line)
      if (lastLines.length > KEPT_OUTPUT_LINES) lastLines.shift()
      const match = readyLine.exec(line)
      if (!match) return
      clearTimeout(timer)
      resolve(match)
    }
    for (const output of [child.stdout, child.stderr]) {
      if (output) createInterface({ input: output }).on('line', onLine)
    }
  })
}
