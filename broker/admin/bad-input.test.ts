import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestAdmin } from '../../test/support/test-admin.ts'
import { startTestAdmin } from '../../test/support/test-admin.ts'

/** Every operation of openapi.json with every kind of bad input that it can get. */

let admin: TestAdmin

interface Schema {
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly $ref?: string
}

interface Operation {
  readonly parameters?: readonly {
    readonly in: string
    readonly name: string
    readonly schema: Schema
  }[]
  readonly requestBody?: { readonly content: Record<string, { readonly schema: Schema }> }
  readonly security?: readonly object[]
}

interface Target {
  readonly method: string
  readonly path: string
  readonly url: string
  readonly operation: Operation
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

let targets: readonly Target[] = []
let schemas: Readonly<Record<string, Schema>> = {}

beforeAll(async () => {
  admin = await startTestAdmin()
  const document = admin.app.swagger() as unknown as {
    paths: Record<string, Record<string, Operation>>
    components: { schemas: Record<string, Schema> }
  }
  schemas = document.components.schemas
  targets = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      url: path.replace('{seq}', '0').replace(/\{\w+\}/g, 'thing'),
      operation,
    })),
  )
})
afterAll(() => admin.stop())

const bodySchema = ({ operation }: Target): Schema | undefined => {
  const schema = operation.requestBody?.content['application/json']?.schema
  const name = schema?.$ref?.split('/').at(-1)
  return name === undefined ? schema : schemas[name]
}

const isOpen = ({ operation, path }: Target): boolean =>
  operation.security?.length === 0 || path === '/metrics'

async function expectProblem(
  target: string,
  options: Parameters<TestAdmin['call']>[1],
  status: number,
  code: string,
): Promise<void> {
  const answer = await admin.call(target, options)
  const type = String(answer.headers['content-type'])
  expect([target, options, answer.status, answer.body]).toMatchObject([
    target,
    options,
    status,
    { code, status },
  ])
  expect(type).toContain('application/problem+json')
}

describe('bad input', () => {
  it('covers every route', () => {
    expect(targets.length).toBeGreaterThan(45)
  })

  it('nobody gets in without a token', async () => {
    for (const target of targets.filter((one) => !isOpen(one))) {
      await expectProblem(`${target.method} ${target.url}`, { token: null }, 401, 'unauthorized')
    }
  })

  it('parameters that are not known are refused', async () => {
    for (const { method, url, operation } of targets) {
      if (!operation.parameters?.some((parameter) => parameter.in === 'query')) continue
      await expectProblem(`${method} ${url}?no-such-parameter=1`, {}, 400, 'invalid-request')
    }
  })

  it('numbers, truth values and words of a list are checked', async () => {
    for (const { method, url, operation } of targets) {
      for (const { in: place, name, schema } of operation.parameters ?? []) {
        const isText = schema.type === 'string' && !('enum' in schema) && !('format' in schema)
        if (place !== 'query' || isText) continue
        await expectProblem(`${method} ${url}?${name}=%00`, {}, 400, 'invalid-request')
      }
    }
  })

  it('members of a body that are not known are refused', async () => {
    for (const target of targets.filter((one) => bodySchema(one))) {
      const body = { 'no-such-member': 1 }
      await expectProblem(`${target.method} ${target.url}`, { body }, 400, 'invalid-request')
    }
  })

  it('members of a body that have the wrong type are refused', async () => {
    for (const target of targets) {
      for (const [name, schema] of Object.entries(bodySchema(target)?.properties ?? {})) {
        const takesAnything =
          schema.type === undefined && schema.$ref === undefined && !('anyOf' in schema)
        if (takesAnything) continue
        const wrong = String(schema.type).includes('boolean') ? 'yes' : true
        await expectProblem(
          `${target.method} ${target.url}`,
          { body: { [name]: wrong } },
          400,
          'invalid-request',
        )
      }
    }
  })

  it('bodies that are no objects, no JSON, too large or of another type are refused', async () => {
    for (const target of targets.filter((one) => bodySchema(one))) {
      const at = `${target.method} ${target.url}`
      const json = { 'content-type': 'application/json' }
      await expectProblem(at, { body: [1] }, 400, 'invalid-request')
      await expectProblem(at, { body: '{"a":', headers: json }, 400, 'invalid-request')
      await expectProblem(
        at,
        { body: '<a/>', headers: { 'content-type': 'text/xml' } },
        415,
        'unsupported-media-type',
      )
      const large = JSON.stringify({ x: 'x'.repeat(17 * 1024 * 1024) })
      await expectProblem(at, { body: large, headers: json }, 413, 'too-large')
    }
  })

  it('a method that an address does not have is told from an address that is not there', async () => {
    const urls = new Set(targets.map(({ url }) => url))
    for (const url of urls) {
      const has = targets
        .filter(({ path }) => new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`).test(url))
        .map(({ method }) => method)
      for (const method of METHODS.filter((one) => !has.includes(one))) {
        const answer = await admin.call(`${method} ${url}`)
        expect([method, url, answer.status, answer.headers.allow]).toEqual([
          ...[method, url, 405],
          expect.stringContaining(has[0] ?? ''),
        ])
      }
    }
    await expectProblem('GET /v1/nothing', {}, 404, 'not-found')
    await expectProblem('GET /', {}, 404, 'not-found')
  })

  it('names that are too long are refused', async () => {
    const long = 'x'.repeat(1_100)
    for (const { method, path } of targets.filter(({ path: one }) => /\{\w+\}/.test(one))) {
      const target = `${method} ${path.replace(/\{\w+\}/g, long)}`
      await expectProblem(target, {}, 400, 'invalid-request')
    }
  })
})
