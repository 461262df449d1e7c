import type { Json } from '../../../audit/index.ts'
import { EXIT } from '../../exit-codes.ts'
import { renderRow } from '../../table.ts'
import { terminalText } from '../../terminal-text.ts'
import { parseArguments, SOURCE_FLAGS, usage } from './flags.ts'
import { openSource } from './source.ts'

const PAGE_ENTRIES = '1000'

/** `glasslog audit state`: every resource as it was at some moment. */
export async function state(args: readonly string[]): Promise<number> {
  const { flags, words } = parseArguments(args, ['at', 'kind', ...SOURCE_FLAGS], ['json'])
  if (words.length > 0) throw usage(`audit state takes no ${words[0]}`)
  const query: Record<string, string> = { limit: PAGE_ENTRIES }
  for (const name of ['at', 'kind']) {
    const value = flags.get(name)
    if (value !== undefined) query[name] = value
  }
  const source = await openSource(flags)
  try {
    let isFirst = true
    for (;;) {
      const page = await source.state(query)
      if (isFirst && !flags.has('json')) {
        console.log(`state after record ${page.seq}, hash ${page.hash}`)
        console.log(renderRow(['RESOURCE', 'CHANGED BY', 'VALUE'], STATE_WIDTHS))
      }
      isFirst = false
      for (const { resource, value, seq } of page.resources) {
        const name = `${resource.kind}:${resource.name}`
        console.log(
          flags.has('json')
            ? JSON.stringify({ resource, value, seq })
            : renderRow([name, String(seq), JSON.stringify(value)], STATE_WIDTHS),
        )
      }
      if (page.next === null) return EXIT.ok
      // The moment stays the same however long the reading takes.
      query.at = String(page.seq)
      query.cursor = page.next
    }
  } finally {
    await source.close()
  }
}

const STATE_WIDTHS = [40, 10]

/** `glasslog audit diff A [B]`: what differs between two moments, member by member. */
export async function diff(args: readonly string[]): Promise<number> {
  const { flags, words } = parseArguments(args, SOURCE_FLAGS, ['json'])
  const [from, to, ...rest] = words
  if (from === undefined || rest.length > 0) throw usage('audit diff needs one moment, or two')
  const source = await openSource(flags)
  try {
    const found = await source.diff(from, to)
    if (flags.has('json')) {
      for (const change of found.changes) console.log(JSON.stringify(change))
      return EXIT.ok
    }
    console.log(`from record ${found.from} to record ${found.to}: ${found.changes.length} changed`)
    for (const { resource, from: before, to: after } of found.changes) {
      const mark = before === null ? '+' : after === null ? '-' : '~'
      console.log(`${mark} ${terminalText(`${resource.kind}:${resource.name}`)}`)
      for (const line of changedMembers(before, after)) console.log(`    ${terminalText(line)}`)
    }
    return EXIT.ok
  } finally {
    await source.close()
  }
}

/** One line for each member that differs, with its path. */
export function changedMembers(before: Json, after: Json, path = ''): readonly string[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return []
  if (!isObject(before) || !isObject(after)) {
    const name = path === '' ? '' : `${path}: `
    return [`${name}${JSON.stringify(before)} -> ${JSON.stringify(after)}`]
  }
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return names.flatMap((name) =>
    changedMembers(
      before[name] ?? null,
      after[name] ?? null,
      path === '' ? name : `${path}/${name}`,
    ),
  )
}

function isObject(value: Json): value is { readonly [name: string]: Json | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
