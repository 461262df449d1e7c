import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { EXPORT_FILTERS, EXPORT_FORMATS } from '../../../audit/index.ts'
import { EXIT } from '../../exit-codes.ts'
import { parseArguments, SOURCE_FLAGS, usage } from './flags.ts'
import { openSource } from './source.ts'

const QUERY = ['format', 'from', 'to', ...EXPORT_FILTERS]

/** `glasslog audit export`: the history as JSON lines, on standard output or in a file. */
export async function exportHistory(args: readonly string[]): Promise<number> {
  const { flags, words } = parseArguments(args, [...QUERY, 'out', ...SOURCE_FLAGS])
  if (words.length > 0) throw usage(`audit export takes no ${words[0]}`)
  const query: Record<string, string> = {}
  for (const name of QUERY) {
    const value = flags.get(name)
    if (value !== undefined) query[name] = value
  }
  const { format = 'jsonl', from = '0', to = '0' } = query
  if (!(EXPORT_FORMATS as readonly string[]).includes(format)) {
    throw usage(`--format is one of ${EXPORT_FORMATS.join(', ')}`)
  }
  if (![from, to].every((text) => /^\d{1,15}$/.test(text))) {
    throw usage('--from and --to need sequence numbers')
  }
  const isFiltered = EXPORT_FILTERS.some((name) => query[name] !== undefined)
  if (isFiltered && format === 'jsonl') {
    throw usage('filters need --format cloudevents or ocsf: a proof is of all records')
  }
  const source = await openSource(flags)
  try {
    await write(source.export(query), flags.get('out'))
    return EXIT.ok
  } finally {
    await source.close()
  }
}

async function write(pieces: AsyncIterable<Uint8Array>, out: string | undefined): Promise<void> {
  if (out !== undefined) return pipeline(pieces, createWriteStream(out, { mode: 0o600 }))
  try {
    await pipeline(pieces, process.stdout, { end: false })
  } catch (error) {
    // Who reads it has enough of it, as `head` does.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error
  }
}
