import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestAdmin } from '../../test/support/test-admin.ts'
import { startTestAdmin } from '../../test/support/test-admin.ts'
import { operationKinds, operations } from '../control/index.ts'
import { handlers } from '../handlers/index.ts'

/** That the table of operations and the two doors say the same. */

let admin: TestAdmin
beforeAll(async () => {
  admin = await startTestAdmin()
})
afterAll(() => admin.stop())

describe('the doors of the table of operations', () => {
  it('are APIs that the Kafka door serves', () => {
    const served = new Set(handlers.map(({ name }) => name))
    const named = operationKinds.flatMap((kind) => operations[kind].kafka)
    expect(named.filter((name) => !served.has(name))).toEqual([])
  })

  it('are routes that the HTTP door has', async () => {
    const { body } = await admin.call('GET /openapi.json')
    const { paths } = body as { readonly paths: Readonly<Record<string, object>> }
    const routes = new Set(
      Object.entries(paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
      ),
    )
    const named = operationKinds.flatMap((kind) => operations[kind].http)
    expect(named.filter((route) => !routes.has(route))).toEqual([])
  })
})
