import { describeAdminApi } from '../../broker/admin/index.ts'
import { exampleOf } from './example.ts'
import { page, table } from './markdown.ts'
import type { Content, Document, Operation, Parameter, Schema } from './openapi.ts'

interface Route extends Operation {
  readonly method: string
  readonly path: string
}

const INTRODUCTION = `The admin port (9644 unless configured otherwise) serves this API; \`/openapi.json\` there is the same as
OpenAPI 3.1. Every change is the same operation as through Kafka's own admin APIs: decided by the same
rules, with the same record in the history.

- **Getting in.** \`Authorization: Bearer TOKEN\`, or basic authentication with the token as password. The root
  account's token is in \`root.token\` of the data directory; others are made by \`POST /v1/tokens\`, or by
  \`POST /v1/session\` with an account and its password. Only \`/healthz\` and \`/readyz\`, and from the same machine
  \`/metrics\`, need none.
- **Lists** answer \`limit\` items and \`next\`, which is the \`cursor\` of the next page.
- **Changes** take \`?dryRun=true\` (decide and answer, change nothing), \`reason=\` (kept in the record) and, where
  there is something to compare, \`If-Match\` with the \`ETag\` that was read. They answer \`seq\`, the number of their record.
- **Failures** are problem documents (RFC 9457) with a stable \`code\`: [errors.md](errors.md) has all of them.

The examples take \`TOKEN=$(cat data/root.token)\` and \`API=http://127.0.0.1:9644\`.`

/** docs/http-api.md: every route with what it takes and answers, from the schemas that it is held to. */
export async function renderHttpApi(): Promise<string> {
  const document = (await describeAdminApi()) as Document
  const { schemas } = document.components
  const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, operation]): Route => ({ method: method.toUpperCase(), path, ...operation }),
    ),
  )
  const tags = [...new Set(routes.map(({ tags: [tag = ''] }) => tag))]
  const groups = tags.flatMap((tag) => [
    `## ${tag}`,
    ...routes.filter((route) => route.tags[0] === tag).map((route) => renderRoute(route, schemas)),
  ])
  const types = Object.entries(schemas).map(([name, schema]) => renderType(name, schema))
  return page('HTTP API', INTRODUCTION, ...groups, '## Types', ...types)
}

function renderRoute(route: Route, schemas: Document['components']['schemas']): string {
  const { method, path, summary, description, parameters = [], requestBody, responses } = route
  const body = schemaOf(requestBody)
  const answers = Object.entries(responses).filter(([status]) => status !== 'default')
  const [status = '', answer] = answers.at(-1) ?? []
  return [
    `### ${method} ${path}`,
    `${summary}.${description === undefined ? '' : ` ${description}`}`,
    ...(parameters.length > 0 ? [parameterTable(parameters)] : []),
    ...(body ? [`Body: ${typeText(body)}${memberTable(body)}`] : []),
    `Answer ${status}: ${answerText(answer)}`,
    `\`\`\`sh\n${curl(route, body, schemas)}\n\`\`\``,
  ].join('\n\n')
}

function schemaOf(content: Content | undefined): Schema | undefined {
  return Object.values(content?.content ?? {})[0]?.schema
}

function answerText(answer: Content | undefined): string {
  const schema = schemaOf(answer)
  return schema ? `${typeText(schema)}${memberTable(schema)}` : 'nothing'
}

function parameterTable(parameters: readonly Parameter[]): string {
  const rows = parameters.map(({ name, in: place, required, description, schema }) => [
    `\`${name}\``,
    place,
    typeText(schema),
    [required ? 'Required.' : '', description ?? schema.description ?? '', defaultText(schema)]
      .filter((text) => text !== '')
      .join(' '),
  ])
  return table(['Parameter', 'In', 'Type', 'Meaning'], rows)
}

function defaultText({ default: value }: Schema): string {
  return value === undefined ? '' : `Default: \`${String(value)}\`.`
}

function renderType(name: string, schema: Schema): string {
  const head = `### ${name}`
  return [head, ...(schema.description ? [schema.description] : []), memberTable(schema).trim()]
    .filter((text) => text !== '')
    .join('\n\n')
}

/** The members of an object that has no name of its own. */
function memberTable({ properties, required = [] }: Schema): string {
  if (!properties || Object.keys(properties).length === 0) return ''
  const rows = Object.entries(properties).map(([name, schema]) => [
    `\`${name}\``,
    typeText(schema),
    required.includes(name) ? 'always' : '',
    [schema.description ?? schema.items?.description ?? '', defaultText(schema)]
      .filter((text) => text !== '')
      .join(' '),
  ])
  return `\n\n${table(['Member', 'Type', '', 'Meaning'], rows)}`
}

function typeText(schema: Schema): string {
  const { $ref, anyOf, type, items, format, properties } = schema
  if ($ref !== undefined) {
    const name = $ref.split('/').at(-1) ?? ''
    return `[${name}](#${name.toLowerCase()})`
  }
  if (anyOf) return anyOf.map(typeText).join(' or ')
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(' ')
  if (items) return `list of ${typeText(items)}`
  if (schema.patternProperties) {
    return `map of ${typeText(Object.values(schema.patternProperties)[0] ?? {})}`
  }
  if (properties)
    return `object (${Object.keys(properties)
      .map((name) => `\`${name}\``)
      .join(', ')})`
  if (type === undefined) return 'any JSON'
  const text = [type].flat().join(' or ')
  return format === undefined ? text : `${text} (${format})`
}

function curl(
  { method, path, security }: Route,
  body: Schema | undefined,
  schemas: Document['components']['schemas'],
): string {
  const isOpen = security?.length === 0
  const parts = [
    'curl',
    ...(method === 'GET' ? [] : [`-X ${method}`]),
    ...(isOpen ? [] : ['-H "Authorization: Bearer $TOKEN"']),
    ...(body ? ["-H 'content-type: application/json'"] : []),
    ...(body ? [`-d '${JSON.stringify(exampleOf(body, schemas))}'`] : []),
    `"$API${path.replace('{seq}', '0').replace(/\{(\w+)\}/g, (_match, name: string) => EXAMPLE_NAMES[name] ?? name)}"`,
  ]
  return parts.join(' ')
}

const EXAMPLE_NAMES: Readonly<Record<string, string>> = {
  topic: 'orders',
  group: 'billing',
  user: 'alice',
  account: 'alice',
  role: 'orders-only',
}
