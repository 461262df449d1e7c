import { parseDuration, parseNumber } from '../../monitor/promql/index.ts'

/** Something that an evaluation is expected to do beside its values. */
export interface Expectation {
  readonly kind: 'fail' | 'warn' | 'info' | 'no_warn' | 'no_info' | 'ordered'
  readonly message: string | null
  readonly pattern: RegExp | null
}

export interface Steps {
  readonly startMs: number
  readonly endMs: number
  readonly stepMs: number
}

export interface LoadCommand {
  readonly kind: 'load'
  readonly line: number
  readonly stepMs: number
  /** Native twins of classic histograms are loaded as well. */
  readonly withNative: boolean
  readonly series: readonly string[]
}

export interface EvalCommand {
  readonly kind: 'eval'
  readonly line: number
  readonly expression: string
  /** Null for a range query. */
  readonly atMs: number | null
  readonly steps: Steps | null
  readonly expectations: readonly Expectation[]
  readonly expectedString: string | null
  /** The moments of the samples of a range vector. */
  readonly expectedRange: Steps | null
  /** Lines of series with values. */
  readonly rows: readonly string[]
}

export type Command = LoadCommand | EvalCommand | { readonly kind: 'clear'; readonly line: number }

/**
 * Reads a script in the language of Prometheus' PromQL tests (promql/promqltest/README.md in its sources).
 * Throws with the line of what it cannot read.
 */
export function parseScript(text: string): Command[] {
  const lines = text.split('\n').map((line) => line.trim())
  const commands: Command[] = []
  let at = 0
  while (at < lines.length) {
    const line = lines[at] ?? ''
    const number = at + 1
    at++
    if (line === '' || line.startsWith('#')) continue
    const block: string[] = []
    while (at < lines.length && lines[at] !== '' && !isCommand(lines[at] ?? '')) {
      const next = lines[at] ?? ''
      if (!next.startsWith('#')) block.push(next)
      at++
    }
    commands.push(parseCommand(line, number, block))
  }
  return commands
}

function isCommand(line: string): boolean {
  return /^(?:load(?:_with_nhcb)?\s|clear\b|eval(?:_\w+)?\s)/.test(line)
}

function parseCommand(line: string, number: number, block: readonly string[]): Command {
  if (/^clear\b/.test(line)) return { kind: 'clear', line: number }
  const load = /^load(_with_nhcb)?\s+(\S+)$/.exec(line)
  if (load?.[2] !== undefined) {
    return {
      kind: 'load',
      line: number,
      stepMs: parseTime(load[2], number),
      withNative: load[1] !== undefined,
      series: block,
    }
  }
  return parseEval(line, number, block)
}

function parseEval(line: string, number: number, block: readonly string[]): EvalCommand {
  const instant = /^eval(?:_(\w+))?\s+instant(?:\s+at\s+(\S+))?\s+(.+)$/.exec(line)
  const range = /^eval(?:_(\w+))?\s+range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)\s+(.+)$/.exec(
    line,
  )
  const expression = instant?.[3] ?? range?.[5]
  if (expression === undefined) throw new Error(`line ${number}: not a command: ${line}`)
  const variant = instant?.[1] ?? range?.[1]
  const expectations: Expectation[] = []
  if (variant !== undefined) expectations.push(oldExpectation(variant, block, number))
  const rows: string[] = []
  let expectedString: string | null = null
  let expectedRange: Steps | null = null
  for (const row of block) {
    const text = /^expect\s+string\s+(.*)$/.exec(row)
    const vector = /^expect\s+range\s+vector\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)$/.exec(row)
    if (text?.[1] !== undefined) expectedString = text[1]
    else if (vector !== null) expectedRange = parseSteps(vector.slice(1), number)
    else if (/^expect\s/.test(row)) expectations.push(parseExpectation(row, number))
    else if (!row.startsWith('expected_fail_')) rows.push(row)
  }
  return {
    kind: 'eval',
    line: number,
    expression,
    atMs: instant === null ? null : parseTime(instant[2] ?? '0', number),
    steps: range === null ? null : parseSteps(range.slice(2, 5), number),
    expectations,
    expectedString,
    expectedRange,
    rows,
  }
}

/** `eval_fail` and the like, which scripts wrote before there was `expect`. */
function oldExpectation(variant: string, block: readonly string[], number: number): Expectation {
  if (!['fail', 'warn', 'info', 'ordered'].includes(variant))
    throw new Error(`line ${number}: unknown command eval_${variant}`)
  let message: string | null = null
  let pattern: RegExp | null = null
  for (const row of block) {
    message = /^expected_fail_message\s+(.*)$/.exec(row)?.[1] ?? message
    const expression = /^expected_fail_regexp\s+(.*)$/.exec(row)?.[1]
    if (expression !== undefined) pattern = new RegExp(expression, 's')
  }
  return { kind: variant as Expectation['kind'], message, pattern }
}

function parseExpectation(row: string, number: number): Expectation {
  const found =
    /^expect\s+(fail|warn|info|no_warn|no_info|ordered)(?:\s+(msg|regex):\s*(.*))?$/.exec(row)
  if (found?.[1] === undefined) throw new Error(`line ${number}: cannot read: ${row}`)
  const [, kind, how, what = ''] = found
  return {
    kind: kind as Expectation['kind'],
    message: how === 'msg' ? what.trim() : null,
    pattern: how === 'regex' ? new RegExp(`^(?:${what.trim()})$`, 's') : null,
  }
}

function parseSteps(parts: readonly (string | undefined)[], number: number): Steps {
  const [startMs = 0, endMs = 0, stepMs = 0] = parts.map((part) => parseTime(part ?? '', number))
  return { startMs, endMs, stepMs }
}

/** Milliseconds of a duration, or of plain seconds. */
function parseTime(text: string, number: number): number {
  const negative = text.startsWith('-')
  const durationMs = parseDuration(text.replace(/^-/, ''))
  if (durationMs !== null) return negative ? -durationMs : durationMs
  const seconds = parseNumber(text)
  if (seconds === null) throw new Error(`line ${number}: no time: ${text}`)
  return Math.round(seconds * 1000)
}
