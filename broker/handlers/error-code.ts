import type { ErrorName } from '../../protocol/index.ts'
import { errors } from '../../protocol/index.ts'

/** The wire code of an error that another room named; a name that Kafka does not know is our fault. */
export function errorCodeOf(name: string): number {
  return Object.hasOwn(errors, name)
    ? errors[name as ErrorName].code
    : errors.UNKNOWN_SERVER_ERROR.code
}
