import { listProblems } from '../../broker/admin/index.ts'
import { errors } from '../../protocol/index.ts'
import { page, table } from './markdown.ts'

/** docs/errors.md: the protocol's error table as clients see it. */
export function renderErrors(): string {
  const rows = Object.values(errors)
    .sort((a, b) => a.code - b.code)
    .map((error) => [String(error.code), error.name, error.retriable ? 'yes' : 'no', error.message])
  return page(
    'Errors',
    "The Kafka protocol's error codes. A retriable error says that the same request may succeed later; Kafka clients retry it by themselves.",
    table(['Code', 'Name', 'Retriable', 'Meaning'], rows),
    '## Problem documents of the HTTP API',
    'Failures over HTTP are problem documents (RFC 9457) whose `code` is stable. Those that an operation is refused with have the name of Kafka’s error.',
    table(
      ['Code', 'Status', 'Meaning'],
      listProblems().map(({ code, status, title }) => [`\`${code}\``, String(status), title]),
    ),
  )
}
