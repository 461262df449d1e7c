import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { NoteVerifier, SignedCheckpoint, VerifyReport } from '../../../audit/index.ts'
import { NoteError, parseCheckpoint, parseVerifierKey, verifyExport } from '../../../audit/index.ts'
import { CommandFailure, EXIT } from '../../exit-codes.ts'
import { parseArguments, usage } from './flags.ts'

const READ_BYTES = 1024 * 1024

/** `glasslog audit verify`: needs an export and a key, no broker, no data directory, no network. */
export async function verify(args: readonly string[]): Promise<number> {
  const { flags, words } = parseArguments(
    args,
    ['file', 'key', 'checkpoint'],
    ['require-checkpoint', 'json'],
  )
  if (words.length > 0) throw usage(`audit verify takes no ${words[0]}`)
  const file = flags.get('file') ?? '-'
  const keyText = flags.get('key')
  if (keyText === undefined) throw usage('audit verify needs --key KEY, or the file it is in')
  const key = await readKey(keyText)
  const outside = await readCheckpoints(flags.get('checkpoint'))
  const report = await verifyFile(file, key, outside)
  const isProved = report.outsideCheckpoints > 0
  if (flags.has('json')) console.log(JSON.stringify(report))
  else for (const line of renderReport(report)) console.log(line)
  if (report.verdict === 'unreadable') return EXIT.failed
  if (report.verdict === 'tampered') return EXIT.tampered
  if (report.verdict === 'empty') return EXIT.empty
  if (isProved) return EXIT.ok
  console.error(
    'warning: without a checkpoint from outside (--checkpoint FILE) nothing shows that the end was not cut off, or all of it signed anew by the owner of the key',
  )
  return flags.has('require-checkpoint') ? EXIT.unproved : EXIT.ok
}

async function verifyFile(
  file: string,
  key: NoteVerifier,
  outside: readonly SignedCheckpoint[],
): Promise<VerifyReport> {
  const input = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: READ_BYTES })
  try {
    return await verifyExport(input as AsyncIterable<Buffer>, { key, outside })
  } catch (error) {
    throw unreadable(error, file)
  }
}

/** The key itself, or a file that holds it. */
async function readKey(text: string): Promise<NoteVerifier> {
  try {
    return parseVerifierKey(text.includes('+') ? text : await readFile(text, 'utf8'))
  } catch (error) {
    throw unreadable(error, text)
  }
}

/** One checkpoint or many after each other, as `<data-dir>/audit/checkpoints` has them. */
async function readCheckpoints(file: string | undefined): Promise<readonly SignedCheckpoint[]> {
  if (file === undefined) return []
  try {
    const parts = (await readFile(file, 'utf8')).split('\n\n').filter((part) => part.trim() !== '')
    const checkpoints: SignedCheckpoint[] = []
    for (let at = 0; at < parts.length; at += 2) {
      const signatures = (parts[at + 1] ?? '').replace(/\n*$/, '\n')
      checkpoints.push(parseCheckpoint(`${parts[at]}\n\n${signatures}`))
    }
    return checkpoints
  } catch (error) {
    throw unreadable(error, file)
  }
}

/** What cannot be read is not found tampered: exit 1, in words. */
function unreadable(error: unknown, what: string): unknown {
  const isReason = error instanceof NoteError || (error instanceof Error && 'code' in error)
  return isReason
    ? new CommandFailure(`${what} cannot be read: ${error.message}`, EXIT.failed)
    : error
}

function renderReport(report: VerifyReport): readonly string[] {
  const { verdict, from, size } = report
  const head = headOf(report)
  if (verdict === 'unreadable' || verdict === 'empty') return [head]
  return [
    head,
    `records    ${size - from}`,
    `checkpoints ${report.checkpoints} signed, ${report.stateHashesChecked} of them with the state replayed, ${report.outsideCheckpoints} from outside`,
    `root       ${report.root}`,
    ...(report.stateHash === null
      ? []
      : [`state      ${report.stateHash} (${report.resources} resources)`]),
    ...(report.keyRotations.length === 0
      ? []
      : [`keys       changed by record ${report.keyRotations.join(', ')}`]),
    ...(report.clockSteps === 0 ? [] : [`clock      set back ${report.clockSteps} times`]),
  ]
}

function headOf({ verdict, tampering, from, size, origin }: VerifyReport): string {
  switch (verdict) {
    case 'sound':
      return size === from
        ? `sound: no records after the first ${from} of ${origin}, as a checkpoint from outside has it`
        : `sound: records ${from} to ${size - 1} of ${origin}`
    case 'empty':
      return `empty: there is no record in it, from record ${from} on; nothing is shown`
    case 'tampered':
      return `tampered: record ${tampering?.seq}: ${tampering?.reason}`
    case 'unreadable':
      return `unreadable: ${tampering?.reason}`
  }
}
