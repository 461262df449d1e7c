import type { ErrorObject } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { InjectOptions } from 'fastify'
import { resourceKey } from '../../audit/index.ts'
import type { TestBroker, TestBrokerOptions } from '../../test/support/test-broker.ts'
import { startTestBroker } from '../../test/support/test-broker.ts'
import type { Authorizer } from '../control/index.ts'
import { openAuthorizer } from '../control/index.ts'
import { FailedLogins } from './access/failed-logins.ts'
import { rootTokenVerifier } from './access/root-token.ts'
import { createAdminApp } from './admin-app.ts'
import type { AdminApp } from './http/admin-plugin.ts'
import { TopicRates } from './rates/topic-rates.ts'

export const ROOT_TOKEN = 'root-token-of-the-test'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  // Tests look into bodies with matchers, which check more than a type would.
  readonly body: unknown
}

export interface CallOptions {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Null sends none; the root account's when left out. */
  readonly token?: string | null
}

/** The admin port over a simulated broker, without a socket. */
export interface TestAdmin {
  readonly app: AdminApp
  readonly broker: TestBroker
  /** `call('GET /v1/topics?limit=1')`. Fails when the answer is not what openapi.json says. */
  call(target: string, options?: CallOptions): Promise<Answer>
  stop(): Promise<void>
}

export async function startTestAdmin(
  options: TestBrokerOptions & { readonly authorizer?: Authorizer } = {},
): Promise<TestAdmin> {
  const broker = await startTestBroker(options)
  const { services, time } = broker
  const rates = new TopicRates({ traffic: services.traffic, ...time })
  const app = await createAdminApp({
    services: {
      broker: services,
      authorizer: options.authorizer ?? openAuthorizer,
      metrics: { render: async () => ({ contentType: 'text/plain', text: '# none\n' }) },
      rates,
      lastSeqOf: (resource) => services.control.resources.get(resourceKey(resource))?.seq,
      isReady: () => true,
    },
    authentication: {
      verifiers: [rootTokenVerifier(ROOT_TOKEN)],
      failedLogins: new FailedLogins(time.clock),
      timers: time.timers,
    },
  })
  await app.ready()
  const conformsTo = responseChecker(app)
  return {
    app,
    broker,
    async call(target, { body, headers = {}, token = ROOT_TOKEN } = {}) {
      const [method = '', url = ''] = target.split(' ', 2)
      const request: InjectOptions = {
        method: method as NonNullable<InjectOptions['method']>,
        url,
        headers: { ...headers, ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
        ...(body === undefined ? {} : { payload: body as object }),
      }
      const response = await app.inject(request)
      const isJson = /json/.test(String(response.headers['content-type']))
      const answer = {
        status: response.statusCode,
        headers: response.headers,
        body: isJson ? response.json() : response.body,
      }
      conformsTo(method, url, answer)
      return answer
    },
    async stop() {
      rates.stop()
      await app.close()
      await broker.stop()
    },
  }
}

interface Operation {
  readonly responses: Readonly<Record<string, { content?: Record<string, { schema: object }> }>>
}

/** Holds every answer to the schema that openapi.json gives for it. */
function responseChecker(app: AdminApp) {
  const document = app.swagger() as unknown as { paths: Record<string, Record<string, Operation>> }
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  ;(addFormats as unknown as (ajv: Ajv2020) => void)(ajv)
  ajv.addSchema(document, 'openapi.json')
  const paths = Object.entries(document.paths).map(([path, methods]) => ({
    path,
    pattern: new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
    methods,
  }))
  return (method: string, url: string, { status, headers, body }: Answer): void => {
    const found = paths.find(({ pattern }) => pattern.test(url.split('?', 1)[0] ?? ''))
    const responses = found?.methods[method.toLowerCase()]?.responses
    if (!found || !responses) return
    const key = String(status) in responses ? String(status) : 'default'
    const type = String(headers['content-type']).split(';', 1)[0] ?? ''
    if (!responses[key]?.content?.[type])
      throw new Error(`${method} ${url}: ${status} ${type} is not described`)
    const pointer = ['paths', found.path, method.toLowerCase(), 'responses', key, 'content', type]
      .map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/')
    const validate = ajv.getSchema(`openapi.json#/${pointer}/schema`)
    if (!validate?.(body)) {
      throw new Error(
        `${method} ${url} ${status}: ${faults(validate?.errors)}\n${JSON.stringify(body)}`,
      )
    }
  }
}

function faults(errors: readonly ErrorObject[] | null | undefined): string {
  return (errors ?? [])
    .map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    )
    .join('; ')
}
