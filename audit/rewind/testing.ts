import fc from 'fast-check'
import type { Json, JsonObject } from '../json.ts'
import type { HistoryRecord } from '../record.ts'
import type { HistoryFold } from '../state/history-fold.ts'
import { exampleRecord } from '../testing.ts'

/** What somebody does to one of a few resources; impossible ones are refused and recorded as such. */
export type Deed =
  | { readonly do: 'create' | 'delete' | 'refused'; readonly name: string }
  | {
      readonly do: 'set'
      readonly name: string
      readonly member: string
      readonly value: number | null
    }

const names = fc.constantFrom('a', 'b', 'c')

export const deeds = fc.array(
  fc.oneof(
    fc.record({ do: fc.constantFrom('create', 'delete', 'refused' as const), name: names }),
    fc.record({
      do: fc.constant('set' as const),
      name: names,
      member: fc.constantFrom('x', 'y', '__proto__'),
      value: fc.option(fc.integer({ min: 0, max: 3 })),
    }),
  ),
  { maxLength: 40 },
) as fc.Arbitrary<readonly Deed[]>

/** The record that the deed leaves in a history whose state is `fold`. */
export function recordOf(fold: HistoryFold, deed: Deed): HistoryRecord {
  const resource = { kind: 'thing', name: deed.name, id: null }
  const before = fold.get(`thing:${deed.name}`)?.value ?? null
  const after = afterOf(before, deed)
  const refused = after === undefined
  return exampleRecord(fold.seq + 1, {
    operation: `thing.${deed.do}`,
    resource,
    before: refused ? null : before,
    after: refused ? null : after,
    outcome: refused ? { code: 'INVALID_REQUEST', message: null } : { code: 'NONE', message: null },
    reversal: refused ? 'none' : 'full',
  })
}

function afterOf(before: Json, deed: Deed): Json | undefined {
  switch (deed.do) {
    case 'create':
      return before === null ? { name: deed.name, configs: {} } : undefined
    case 'delete':
      return before === null ? undefined : null
    case 'refused':
      return undefined
    case 'set': {
      if (before === null) return undefined
      const { configs, ...rest } = before as JsonObject & { configs: JsonObject }
      const others = Object.entries(configs).filter(([member]) => member !== deed.member)
      const set = deed.value === null ? [] : [[deed.member, deed.value] as const]
      return { ...rest, configs: Object.fromEntries([...others, ...set]) }
    }
  }
}
