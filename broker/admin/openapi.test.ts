import type { SpecData } from '@seriousme/openapi-schema-validator'
import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestAdmin } from '../../test/support/test-admin.ts'
import { startTestAdmin } from '../../test/support/test-admin.ts'

interface Operation {
  readonly operationId?: string
  readonly summary?: string
  readonly tags?: readonly string[]
}

let admin: TestAdmin

beforeAll(async () => {
  admin = await startTestAdmin()
})
afterAll(() => admin.stop())

describe('GET /openapi.json', () => {
  it('is valid OpenAPI 3.1', async () => {
    const { status, body } = await admin.call('GET /openapi.json')
    expect(status).toBe(200)
    const validator = new Validator()
    expect(await validator.validate(body as SpecData)).toEqual({ valid: true })
    expect(validator.version).toBe('3.1')
  })

  it('names, sums up and sorts every operation, each name once', async () => {
    const { body } = await admin.call('GET /openapi.json')
    const { paths } = body as { paths: Record<string, Record<string, Operation>> }
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        at: `${method} ${path}`,
        ...operation,
      })),
    )
    const nameless = operations.filter(
      ({ operationId, summary, tags }) => !operationId || !summary || tags?.length !== 1,
    )
    expect(nameless.map(({ at }) => at)).toEqual([])
    const names = operations.map(({ operationId }) => operationId)
    expect(names).toEqual([...new Set(names)])
  })
})
