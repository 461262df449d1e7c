import { isDeepStrictEqual } from 'node:util'
import { JSONPathEnvironment } from 'json-p3'
import type { Json } from '../../../audit/index.ts'
import { Problem } from '../http/problem.ts'
import { reasonOf } from './formats/value-codec.ts'
import { meterQuery } from './json-path-meter.ts'

/** Lists and objects that one query visits in one value. */
const MAX_VISITED = 10_000

/** What a query may look at in one value, by the bytes of the value and in any case. */
const LOOKS_PER_BYTE = 16
const MIN_LOOKS = 10_000

/** Whether a value is meant. `sizeBytes`: of the record's value, which bounds what may be looked at. */
type Test = (value: Json, sizeBytes: number) => boolean

/**
 * Whether an RFC 9535 query selects something in a value, or, with `wanted`, something that is equal
 * to that text (a text itself, or any other value as JSON). Throws a Problem when it is no query.
 * The functions `match` and `search` are not there: a regular expression of somebody's choice could
 * keep the process busy for ever. So could a query, which is why there is a bound on what it looks at.
 */
export function jsonPathTest(path: string, wanted: string | undefined): Test {
  const environment = new JSONPathEnvironment({ maxRecursionDepth: MAX_VISITED })
  environment.functionRegister.delete('match')
  environment.functionRegister.delete('search')
  const query = compile(environment, path)
  const isWanted = wanted === undefined ? () => true : equalityTo(wanted)
  let looksLeft = 0
  meterQuery(query, (looks) => {
    looksLeft -= looks
    if (looksLeft < 0) throw new Error('the query looks at too much')
  })
  return (value, sizeBytes) => {
    looksLeft = MIN_LOOKS + sizeBytes * LOOKS_PER_BYTE
    try {
      for (const node of query.lazyQuery(value as JsonValue)) {
        if (isWanted(node.value)) return true
      }
      return false
    } catch {
      // Too deep or too much for the query: it selects nothing.
      return false
    }
  }
}

type JsonValue = Parameters<JSONPathEnvironment['query']>[1]

/** A descendant segment visits everything; several of them everything many times over. */
function compile(environment: JSONPathEnvironment, path: string) {
  const [, ...descents] = path.split('..')
  if (descents.length > 1) throw notAQuery('it has more than one ..')
  try {
    return environment.compile(path)
  } catch (cause) {
    throw notAQuery(reasonOf(cause))
  }
}

function notAQuery(reason: string): Problem {
  const detail = `is not a JSONPath query (RFC 9535): ${reason}`
  return new Problem('invalid-request', `path ${detail}`, [{ where: 'path', detail }])
}

/** Values are compared, not made into texts: each of them could be most of a large record. */
function equalityTo(wanted: string): (value: unknown) => boolean {
  const wantedJson = parsed(wanted)
  return (value) =>
    typeof value === 'string' ? value === wanted : isDeepStrictEqual(value, wantedJson)
}

/** Undefined, which nothing is equal to, for a text that is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
