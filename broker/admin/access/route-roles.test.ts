import type { InjectOptions } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestAdmin } from '../../../test/support/test-admin.ts'
import { ROOT_TOKEN, startTestAdmin } from '../../../test/support/test-admin.ts'
import { BUILT_IN_ROLES } from '../../control/index.ts'
import { AccessControl } from '../../security/index.ts'

/** Every route of openapi.json for every built-in role, and for whoever has no token. */

interface Schema {
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly anyOf?: readonly Schema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly minLength?: number
  readonly minItems?: number
  readonly minimum?: number
  readonly minProperties?: number
  readonly format?: string
  readonly items?: Schema
  readonly $ref?: string
}

interface Parameter {
  readonly in: string
  readonly name: string
  readonly required?: boolean
  readonly schema: Schema
}

interface Operation {
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Record<string, { readonly schema: Schema }> }
  readonly security?: readonly object[]
}

interface Route {
  readonly name: string
  readonly target: string
  readonly body: unknown
  readonly isPublic: boolean
}

/** Bodies that a schema alone does not give. */
const BODIES: Readonly<Record<string, object>> = {
  'PATCH /v1/topics/{topic}': { partitions: 5 },
  'PATCH /v1/configs': { configs: { 'message.max.bytes': '1000000' } },
  'PUT /v1/client-metrics/{subscription}': { configs: { metrics: '*' } },
  'PUT /v1/groups/{group}/offsets': { topics: [{ topic: 'thing' }], to: 'earliest' },
  'POST /v1/audit/rewind': { to: '0' },
  'POST /v1/backups/{backup}/end': { failure: 'the disk is full' },
}

/** Parameters that are not needed by themselves, but one of them is. */
const QUERIES: Readonly<Record<string, string>> = {
  'DELETE /v1/quotas': 'user=thing',
  'DELETE /v1/acls': 'principal=User:thing',
}

let admin: TestAdmin
let routes: readonly Route[]
const tokens = new Map<string, string>()

beforeAll(async () => {
  const access = new AccessControl({
    glasslogAuthorizer: 'acl',
    allowEveryoneIfNoAclFound: false,
    superUsers: '',
  })
  admin = await startTestAdmin({ authorizer: access })
  access.follow(admin.broker.services.control.state)
  await admin.broker.createTopic('thing', { partitions: 2 })
  for (const role of BUILT_IN_ROLES) {
    await admin.call('POST /v1/accounts', { body: { name: role, roles: [role] } })
    const created = await admin.call('POST /v1/tokens', { body: { account: role, label: 'test' } })
    tokens.set(role, (created.body as { token: string }).token)
  }
  // Of what is not there nobody is denied anything.
  await admin.call('POST /v1/accounts', { body: { name: 'somebody', roles: [] } })
  const other = await admin.call('POST /v1/tokens', { body: { account: 'somebody', label: 'x' } })
  const quota = { entity: { user: 'thing' }, limits: { producer_byte_rate: 1 } }
  await admin.call('PUT /v1/quotas', { body: quota })
  const gone = await admin.call('POST /v1/topics', { body: { name: 'gone', partitions: 1 } })
  await admin.call('DELETE /v1/topics/gone')
  routes = routesOf(admin, {
    '{seq}': '0',
    '{token}': (other.body as { id: string }).id,
    '{id}': (gone.body as { id: string }).id,
  })
})
afterAll(() => admin.stop())

function routesOf({ app }: TestAdmin, names: Readonly<Record<string, string>>): readonly Route[] {
  const document = app.swagger() as unknown as {
    paths: Record<string, Record<string, Operation>>
    components: { schemas: Record<string, Schema> }
  }
  const example = (given: Schema): unknown => exampleOf(given, document.components.schemas)
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody, security }]) => {
      const name = `${method.toUpperCase()} ${path}`
      const url = path.replace(/\{\w+\}/g, (parameter) => names[parameter] ?? 'thing')
      const query = parameters.filter(({ in: place }) => place === 'query')
      const needed = query.filter(({ required }) => required)
      const texts = QUERIES[name] === undefined ? [] : [QUERIES[name]]
      texts.push(...needed.map(({ name: key, schema }) => `${key}=${example(schema)}`))
      // Nothing is changed: who may is seen without.
      if (query.some(({ name: key }) => key === 'dryRun')) texts.push('dryRun=true')
      const schema = requestBody?.content['application/json']?.schema
      return {
        name,
        target: `${method.toUpperCase()} ${url}${texts.length > 0 ? `?${texts.join('&')}` : ''}`,
        body: BODIES[name] ?? (schema && example(schema)),
        isPublic: security?.length === 0,
      }
    }),
  )
}

/** The smallest value that fits a schema, or nearly. */
function exampleOf(schema: Schema, named: Readonly<Record<string, Schema>>): unknown {
  const inner = (one: Schema): unknown => exampleOf(one, named)
  const reference = schema.$ref && named[schema.$ref.split('/').at(-1) ?? '']
  if (reference) return inner(reference)
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return schema.enum[0]
  if (schema.anyOf?.[0]) return inner(schema.anyOf[0])
  switch ([schema.type].flat()[0]) {
    case 'object': {
      const members = (schema.required ?? []).map((key) => [
        key,
        inner(schema.properties?.[key] ?? {}),
      ])
      return Object.fromEntries(members)
    }
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => inner(schema.items ?? {}))
    case 'integer':
    case 'number':
      return Math.max(0, schema.minimum ?? 0)
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return schema.format === 'date-time'
        ? '2026-01-01T00:00:00Z'
        : 'thing'.padEnd(schema.minLength ?? 0, 'x')
  }
}

async function statusFor(token: string | null, { target, body }: Route): Promise<number> {
  const [method = '', url = ''] = target.split(' ', 2)
  const { statusCode } = await admin.app.inject({
    method: method as NonNullable<InjectOptions['method']>,
    url,
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { payload: body as object }),
  })
  return statusCode
}

describe('routes', () => {
  it('let these roles in', async () => {
    const lines: string[] = []
    const unclear: string[] = []
    for (const route of routes) {
      const statuses: number[] = []
      for (const role of route.isPublic ? [] : BUILT_IN_ROLES) {
        statuses.push(await statusFor(tokens.get(role) ?? '', route))
      }
      // What is refused before anybody asks who sent it says nothing about who may.
      const faults = statuses.includes(403) ? [401, 415, 500] : [400, 401, 415, 422, 500]
      const fault = statuses.find((status) => faults.includes(status))
      if (fault !== undefined) unclear.push(`${route.target}: ${fault}`)
      const cells = BUILT_IN_ROLES.map((role, index) => {
        return `${role}: ${statuses[index] === 403 ? '403' : 'allowed'}`
      })
      lines.push(`${route.name} | ${route.isPublic ? 'public' : cells.join(' | ')}\n`)
    }
    expect(unclear).toEqual([])
    await expect(lines.sort().join('')).toMatchFileSnapshot('./golden/route-roles.txt')
  })

  it('let root in everywhere', async () => {
    for (const route of routes.filter(({ isPublic }) => !isPublic)) {
      expect([401, 403], route.target).not.toContain(await statusFor(ROOT_TOKEN, route))
    }
  })

  it('let nobody in without a token but for the public ones', async () => {
    const publicRoutes = routes.filter(({ isPublic }) => isPublic).map(({ name }) => name)
    expect(publicRoutes.sort()).toEqual(['GET /healthz', 'GET /readyz', 'POST /v1/session'])
    for (const route of routes.filter(({ isPublic }) => !isPublic)) {
      // Open to whoever is on the same machine, as this test is.
      const expected = route.name === 'GET /metrics' ? 200 : 401
      expect([route.target, await statusFor(null, route)]).toEqual([route.target, expected])
    }
    const fromElsewhere = { method: 'GET', url: '/metrics', remoteAddress: '192.0.2.1' } as const
    expect((await admin.app.inject(fromElsewhere)).statusCode).toBe(401)
  })
})
