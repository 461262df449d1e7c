/**
 * `npm run test:image`: does without a container engine what `docker build` and `docker run` would do with our
 * Dockerfile. Copies into a bare directory what it copies, runs its RUN of npm, starts its ENTRYPOINT and CMD as they
 * stand, asks its HEALTHCHECK and for a runbook, and stops it.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { freePort } from '../support/free-port.ts'
import { dockerIgnore } from './docker-ignore.ts'
import type { Instruction, Stage } from './dockerfile.ts'
import { parseDockerfile } from './dockerfile.ts'

const ROOT = join(import.meta.dirname, '../..')
const APP = '/opt/glasslog'
const READY_TIMEOUT_MS = 60_000
const STOP_TIMEOUT_MS = 15_000

const directory = mkdtempSync(join(tmpdir(), 'glasslog-image-'))
const checks: [what: string, ok: boolean][] = []
try {
  const { stages } = parseDockerfile(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'))
  const [build, final] = stages
  if (build === undefined || final === undefined)
    throw new Error('the Dockerfile has no two stages')
  carryOut(build)
  checks.push(['the files of the image are there, tests are not', holdsNoTests()])
  await runImage(final)
} finally {
  rmSync(directory, { recursive: true, force: true })
}
for (const [what, ok] of checks) console.log(`${ok ? 'ok  ' : 'FAIL'} ${what}`)
const failed = checks.filter(([, ok]) => !ok).length
console.log(`${checks.length - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

/** Where a path of the image lies here. */
function here(path: string): string {
  return join(directory, path.startsWith('/') ? path : join(APP, path))
}

function carryOut({ instructions }: Stage): void {
  mkdirSync(here(APP), { recursive: true })
  for (const instruction of instructions) {
    if (instruction.kind === 'copy') copy(instruction)
    if (instruction.kind !== 'run') continue
    const { status, stderr } = spawnSync('sh', ['-c', instruction.command], {
      cwd: here(APP),
      encoding: 'utf8',
    })
    checks.push([`RUN ${instruction.command}`, status === 0])
    if (status !== 0) console.log(stderr)
  }
}

function copy({ sources, target }: Extract<Instruction, { kind: 'copy' }>): void {
  const isIgnored = dockerIgnore(readFileSync(join(ROOT, '.dockerignore'), 'utf8'))
  for (const source of sources) {
    const to = target.endsWith('/') ? join(here(target), source) : here(target)
    mkdirSync(dirname(to), { recursive: true })
    cpSync(join(ROOT, source), to, {
      recursive: true,
      filter: (path) => !isIgnored(relative(ROOT, path)),
    })
  }
}

function holdsNoTests(): boolean {
  const { stdout } = spawnSync(
    'find',
    [here(APP), '-path', '*/node_modules', '-prune', '-o', '-type', 'f', '-print'],
    {
      encoding: 'utf8',
    },
  )
  const files = stdout.split('\n')
  return (
    files.length > 500 &&
    !files.some((path) => /\.test\.ts$|\/test\//.test(path.slice(directory.length)))
  )
}

async function runImage({ instructions }: Stage): Promise<void> {
  const [kafkaPort, adminPort, consolePort] = [await freePort(), await freePort(), await freePort()]
  const environment: Record<string, string> = {
    PATH: process.env.PATH ?? '',
    GLASSLOG_KAFKA_PORT: String(kafkaPort),
    GLASSLOG_ADMIN_PORT: String(adminPort),
    GLASSLOG_CONSOLE_PORT: String(consolePort),
  }
  for (const instruction of instructions) {
    if (instruction.kind !== 'env') continue
    const { name, value } = instruction
    environment[name] = value.startsWith('/') ? here(value) : value
  }
  const [program = '', ...args] = [
    ...commandOf(instructions, 'entrypoint'),
    ...commandOf(instructions, 'cmd'),
  ]
  const image = spawn(program, args, {
    cwd: here(APP),
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(image, 'exit')
  try {
    const isReady = await Promise.race([saysReady(image.stdout), ended.then(() => false)])
    checks.push([`${[program, ...args].join(' ')} gets ready`, isReady])
    if (!isReady) return
    const [probe = '', ...probeArgs] = commandOf(instructions, 'healthcheck')
    const { status } = spawnSync(probe, probeArgs, { cwd: here(APP), env: environment })
    checks.push(['HEALTHCHECK says that it is well', status === 0])
    const runbook = await fetch(`http://127.0.0.1:${consolePort}/runbooks/BrokerDown`)
    checks.push(['the runbook that an alarm links to is there', runbook.ok])
    image.kill('SIGTERM')
    const [code] = (await Promise.race([ended, afterwards(STOP_TIMEOUT_MS)])) as [number | null]
    checks.push(['it stops with exit code 0', code === 0])
    const after = spawnSync(probe, probeArgs, { cwd: here(APP), env: environment })
    checks.push(['HEALTHCHECK says that it is gone', after.status === 1])
  } finally {
    image.kill('SIGKILL')
  }
}

function commandOf(
  instructions: readonly Instruction[],
  kind: 'entrypoint' | 'cmd' | 'healthcheck',
): readonly string[] {
  for (const instruction of instructions) {
    if (instruction.kind === kind) return instruction.command
  }
  throw new Error(`the Dockerfile has no ${kind}`)
}

async function saysReady(stdout: NodeJS.ReadableStream): Promise<boolean> {
  let text = ''
  const ready = new Promise<boolean>((resolve) => {
    stdout.setEncoding('utf8').on('data', (piece: string) => {
      text += piece
      if (/^glasslog ready kafka=\S+ admin=\S+ console=\S+/m.test(text)) resolve(true)
    })
  })
  return Promise.race([ready, afterwards(READY_TIMEOUT_MS).then(() => false)])
}

function afterwards(timeoutMs: number): Promise<[null]> {
  return new Promise((resolve) => {
    setTimeout(() => resolve([null]), timeoutMs).unref()
  })
}
