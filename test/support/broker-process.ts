import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const ROOT = join(import.meta.dirname, '../..')
const MAIN = join(ROOT, 'cli/main.mjs')

/** How long a broker may take to say that it is ready, or to end. */
const DEADLINE_MS = 15_000

export interface BrokerProcess {
  readonly kafka: { readonly host: string; readonly port: number }
  readonly adminUrl: string
  /** Of a supervisor: where its monitor is; empty without one. */
  readonly consoleUrl: string
  readonly dataDirectory: string
  /** The process that was started, and the one that the ready line names. */
  readonly pid: number
  readonly announcedPid: number
  /** Everything on standard error so far. */
  stderr(): string
  /** Sends a signal and answers how the process ended. */
  end(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

/** A new, empty directory and how to remove it. */
export async function temporaryDirectory(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'glasslog-'))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** Runs the command to its end, for those that end by themselves. */
export async function runCommand(
  ...args: string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const stdout = collect(child, 'stdout')
  const stderr = collect(child, 'stderr')
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout: stdout(), stderr: stderr() }
}

/** Starts a real broker on free ports of the loopback address and waits until it is ready. */
export async function startBrokerProcess(
  dataDirectory: string,
  options: {
    readonly command?: 'broker' | 'start' | 'npm start'
    readonly args?: readonly string[]
  } = {},
): Promise<BrokerProcess> {
  const { command = 'broker', args = [] } = options
  const ports = ['--kafka-port', '0', '--admin-port', '0', '--console-port', '0']
  const flags = ['--data-dir', dataDirectory, ...ports, ...args]
  const [program, programArgs] =
    command === 'npm start'
      ? ['npm', ['start', '--', ...flags]]
      : [process.execPath, [MAIN, command, ...flags]]
  const child = spawn(program, programArgs, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
  const stderr = collect(child, 'stderr')
  const ready = await readyLine(child, stderr)
  const match = /kafka=(\S+):(\d+) admin=(\S+).* pid=(\d+)/.exec(ready)
  if (!match || child.pid === undefined) throw new Error(`not a ready line: ${ready}`)
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  return {
    kafka: { host: match[1] ?? '', port: Number(match[2]) },
    adminUrl: match[3] ?? '',
    consoleUrl: /console=(\S+)/.exec(ready)?.[1] ?? '',
    dataDirectory,
    pid: child.pid,
    announcedPid: Number(match[4]),
    stderr,
    async end(signal) {
      child.kill(signal)
      const [code, endSignal] = await ended
      return { code, signal: endSignal }
    },
  }
}

export interface MonitorProcess {
  readonly pid: number
  readonly url: string
  /** Everything on standard error so far. */
  stderr(): string
  end(signal: NodeJS.Signals): Promise<number | null>
}

/** Starts a monitor of the broker on a data directory, on a free port, and waits until it is ready. */
export async function startMonitorProcess(
  dataDirectory: string,
  args: readonly string[] = [],
): Promise<MonitorProcess> {
  const flags = ['--data-dir', dataDirectory, '--console-port', '0', ...args]
  const child = spawn(process.execPath, [MAIN, 'monitor', ...flags], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const stderr = collect(child, 'stderr')
  const ready = await readyLine(child, stderr)
  const ended = once(child, 'exit') as Promise<[number | null]>
  return {
    pid: child.pid ?? 0,
    stderr,
    url: /console=(\S+)/.exec(ready)?.[1] ?? '',
    async end(signal) {
      child.kill(signal)
      const [code] = await ended
      return code
    },
  }
}

function collect(child: ChildProcess, stream: 'stdout' | 'stderr'): () => string {
  let text = ''
  child[stream]?.setEncoding('utf8').on('data', (piece: string) => {
    text += piece
  })
  return () => text
}

function readyLine(child: ChildProcess, stderr: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      child.kill('SIGKILL')
      reject(new Error(`the process ${why}:\n${stderr()}`))
    }
    const deadline = setTimeout(() => fail('was not ready in time'), DEADLINE_MS)
    child.once('exit', (code, signal) => fail(`ended (${code ?? signal}) before it was ready`))
    if (!child.stdout) return
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (!line.startsWith('glasslog ready ')) return
      clearTimeout(deadline)
      child.removeAllListeners('exit')
      resolve(line)
    })
  })
}
