import { JSONPathEnvironment } from 'json-p3'
import type { Json } from '../../../audit/index.ts'
import { Problem } from '../http/problem.ts'
import { reasonOf } from './formats/value-codec.ts'

/** Lists and objects that one query visits in one value. */
const MAX_VISITED = 10_000

type Test = (value: Json) => boolean

/**
 * Whether an RFC 9535 query selects something in a value, or, with `wanted`, something that is equal
 * to that text (a text itself, or any other value as JSON). Throws a Problem when it is no query.
 * The functions `match` and `search` are not there: a regular expression of somebody's choice could
 * keep the process busy for ever.
 */
export function jsonPathTest(path: string, wanted: string | undefined): Test {
  const environment = new JSONPathEnvironment({ maxRecursionDepth: MAX_VISITED })
  environment.functionRegister.delete('match')
  environment.functionRegister.delete('search')
  const query = compile(environment, path)
  return (value) => {
    try {
      for (const node of query.lazyQuery(value as JsonValue)) {
        if (wanted === undefined || textOf(node.value) === wanted) return true
      }
      return false
    } catch {
      // Too deep for the query: it selects nothing.
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

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
