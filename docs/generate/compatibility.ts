import type { Handler } from '../../broker/handlers/index.ts'
import { handlers } from '../../broker/handlers/index.ts'
import { UNDECLARED } from '../../protocol/index.ts'
import { page, table } from './markdown.ts'

/** docs/compatibility.md: which APIs are served, from which version to which, and what is left out. */
export function renderCompatibility(): string {
  const sorted = [...handlers].sort((a, b) => a.apiKey - b.apiKey)
  return page(
    'Compatibility',
    'What ApiVersions tells a client is exactly this table: an API version that is not here is not served.',
    table(['Key', 'API', 'Versions', 'Permissions', 'Notes', 'Left out'], sorted.map(handlerRow)),
    '## Messages that are not declared',
    table(
      ['Message', 'Reason'],
      UNDECLARED.map(({ name, reason }) => [name, reason]),
    ),
  )
}

function handlerRow(handler: Handler): string[] {
  const { min, max } = handler.versions
  return [
    String(handler.apiKey),
    handler.name,
    min === max ? String(min) : `${min}-${max}`,
    handler.permissions.map(({ operation, resource }) => `${operation} ${resource}`).join(', '),
    handler.notes.join(' '),
    handler.skipped.join(' '),
  ]
}
