import { Type } from 'typebox'
import { pageQuery } from './http/paging.ts'
import { closed, oneOf } from './http/schema.ts'

const text = (description: string) => Type.Optional(Type.String({ maxLength: 1024, description }))

/** Query of `GET /v1/audit`. What is left out does not restrict. */
export const AUDIT_QUERY = closed({
  from: text('Recorded at or after (RFC 3339).'),
  to: text('Recorded before (RFC 3339).'),
  principal: text('`User:alice`, or `alice`.'),
  operation: text('`topic.create`, or `topic.*` for all that begin so.'),
  resource: text('A name, an id, or `kind:name`.'),
  outcome: text('The name of an error, `success` or `failure`.'),
  door: text(
    '`kafka`, `http`, `cli` (the command on the same machine, with the root token) or `system`.',
  ),
  address: text('Where it came from.'),
  q: text('Words that all are in the record, in any case.'),
  order: Type.Optional(oneOf(['newest', 'oldest'], { description: 'Which come first.' })),
  ...pageQuery,
})
