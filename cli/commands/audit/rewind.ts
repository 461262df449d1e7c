import { createInterface } from 'node:readline/promises'
import type { Json, Resource } from '../../../audit/index.ts'
import { findAdmin, postAdmin } from '../../admin-client.ts'
import { CommandFailure, EXIT } from '../../exit-codes.ts'
import { processConfig } from '../../process-config.ts'
import { terminalText } from '../../terminal-text.ts'
import { parseArguments, SOURCE_FLAGS, usage } from './flags.ts'
import { changedMembers } from './past.ts'

/** The answer of `POST /v1/audit/rewind`, as far as it is shown. */
interface Rewind {
  readonly baseSeq: number
  readonly seq: number | null
  readonly error: string
  readonly message: string | null
  readonly steps: readonly {
    readonly key: string
    readonly resource: Resource
    readonly from: Json
    readonly to: Json
    readonly reverts: readonly number[]
    readonly cannot: readonly string[]
    readonly error: string
    readonly message: string | null
    readonly seqs: readonly number[]
  }[]
  readonly conflicts: readonly {
    readonly key: string
    readonly resource: Resource
    readonly path: string
    readonly changedBy: number | null
  }[]
  readonly impossible: readonly { readonly seq: number; readonly reason: string }[]
}

const VALUED = ['to', 'undo', 'kind', 'name-prefix', 'principal', 'choose', 'reason']
const CHOICES: readonly string[] = ['keep', 'overwrite', 'skip']

/**
 * `glasslog audit rewind`: shows the plan, asks, and has the running broker apply it. Without
 * somebody to ask it needs `--yes`.
 */
export async function rewind(args: readonly string[]): Promise<number> {
  const parsed = parseArguments(args, [...VALUED, ...SOURCE_FLAGS], ['dry-run', 'yes', 'json'])
  const { flags } = parsed
  if (parsed.words.length > 0) throw usage(`audit rewind takes no ${parsed.words[0]}`)
  const body = bodyOf(flags)
  const dataDir =
    flags.get('data-dir') ?? process.env.GLASSLOG_DATA_DIR ?? processConfig.rows['data-dir'].default
  const admin = await findAdmin({ admin: flags.get('admin'), token: flags.get('token'), dataDir })
  if (!admin) {
    throw new CommandFailure(
      `no broker runs on ${dataDir}, and a rewind needs one: start it, or name another with --data-dir DIR or --admin URL --token TOKEN`,
      EXIT.failed,
    )
  }
  const ask = async (dryRun: boolean, more: object = {}): Promise<Rewind> =>
    (await postAdmin(admin, `/v1/audit/rewind?dryRun=${dryRun}`, { ...body, ...more })) as Rewind
  const plan = await ask(true)
  show(plan, flags.has('json'))
  if (flags.has('dry-run')) return EXIT.ok
  if (plan.error !== 'NONE') throw new CommandFailure(plan.message ?? plan.error, EXIT.failed)
  if (plan.steps.length === 0) return EXIT.ok
  if (!flags.has('yes') && !(await confirmed())) {
    throw new CommandFailure('nothing was changed', EXIT.failed)
  }
  // What others did while somebody read the plan was not in it, and stays.
  const done = await ask(false, flags.has('to') ? { until: plan.baseSeq } : {})
  const records = done.steps.flatMap(({ seqs }) => seqs)
  if (flags.has('json')) console.log(JSON.stringify(done))
  else console.log(`done: record ${done.seq}, and ${records.length} that it caused`)
  return EXIT.ok
}

function bodyOf(flags: ReadonlyMap<string, string>): object {
  const [to, undo] = [flags.get('to'), flags.get('undo')]
  if ((to === undefined) === (undo === undefined)) throw usage('audit rewind needs --to or --undo')
  const seqs = undo?.split(',')
  if (seqs?.some((seq) => !/^\d{1,15}$/.test(seq))) {
    throw usage('--undo needs sequence numbers, separated by commas')
  }
  const scope = {
    ...optional('kinds', flags.get('kind')?.split(',')),
    ...optional('namePrefix', flags.get('name-prefix')),
    ...optional('principal', flags.get('principal')),
  }
  return {
    ...optional('to', to),
    ...optional('undo', seqs?.map(Number)),
    ...(Object.keys(scope).length > 0 ? { scope } : {}),
    ...optional('choices', choicesOf(flags.get('choose'))),
    ...optional('reason', flags.get('reason')),
  }
}

function choicesOf(text: string | undefined): Record<string, string> | undefined {
  if (text === undefined) return undefined
  const entries = text.split(',').map((one) => {
    const equals = one.lastIndexOf('=')
    const choice = one.slice(equals + 1)
    if (equals < 1 || !CHOICES.includes(choice)) {
      throw usage(`--choose needs KEY=${CHOICES.join('|')}, separated by commas`)
    }
    return [one.slice(0, equals), choice] as const
  })
  return Object.fromEntries(entries)
}

function optional<Value>(name: string, value: Value | undefined): object {
  return value === undefined ? {} : { [name]: value }
}

function show(plan: Rewind, asJson: boolean): void {
  if (asJson) {
    console.log(JSON.stringify(plan))
    return
  }
  for (const line of planLines(plan)) console.log(terminalText(line))
}

function planLines({ baseSeq, steps, conflicts, impossible }: Rewind): readonly string[] {
  return [
    `plan after record ${baseSeq}: ${steps.length} to go back`,
    ...steps.flatMap(stepLines),
    ...conflicts.map(({ key, path, changedBy }) => {
      const by = changedBy === null ? 'is gone' : `was changed by record ${changedBy}`
      return `! ${path === '' ? key : `${key} ${path}`} ${by}; decide with --choose ${key}=...`
    }),
    ...impossible.map(({ reason }) => `x ${reason}`),
  ]
}

function stepLines(step: Rewind['steps'][number]): readonly string[] {
  const { resource, from, to, reverts, cannot, error, message } = step
  const mark = from === null ? '+' : to === null ? '-' : '~'
  return [
    `${mark} ${resource.kind}:${resource.name} (undoes ${reverts.join(', ')})`,
    ...changedMembers(from, to).map((line) => `    ${line}`),
    ...cannot.map((line) => `    not: ${line}`),
    ...(error === 'NONE' ? [] : [`    refused: ${error} ${message ?? ''}`]),
  ]
}

async function confirmed(): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new CommandFailure('there is nobody to ask: give --yes, or --dry-run', EXIT.usage)
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return /^y(es)?$/i.test((await terminal.question('apply? [y/N] ')).trim())
  } finally {
    terminal.close()
  }
}
