import { Readable } from 'node:stream'
import type { ErrorObject } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { InjectOptions } from 'fastify'
import { HistoryTrail } from '../../audit/index.ts'
import type { AdminApp, GivenServices } from '../../broker/admin/index.ts'
import { createAdminDoor } from '../../broker/admin/index.ts'
import { BackupService } from '../../broker/backup/index.ts'
import type { Authorizer } from '../../broker/control/index.ts'
import { openAuthorizer } from '../../broker/control/index.ts'
import { silentLogger } from '../../kit/index.ts'
import type { TestBroker, TestBrokerOptions } from './test-broker.ts'
import { startTestBroker } from './test-broker.ts'

export const ROOT_TOKEN = 'root-token-of-the-test'

const NO_METRICS = {
  render: async () => ({
    contentType: 'text/plain',
    body: Readable.from(['# none\n']),
  }),
}

const LISTENER = {
  ...{ name: 'PLAINTEXT', protocol: 'PLAINTEXT', host: '127.0.0.1', port: 9092 },
  ...{ advertisedHost: 'localhost', advertisedPort: 9092 },
}

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
  /** What the admin port is given. */
  readonly services: GivenServices
  /** `call('GET /v1/topics?limit=1')`. Fails when the answer is not what openapi.json says. */
  call(target: string, options?: CallOptions): Promise<Answer>
  stop(): Promise<void>
}

export async function startTestAdmin(
  options: TestBrokerOptions & {
    readonly authorizer?: Authorizer
    readonly hostnames?: readonly string[]
  } = {},
): Promise<TestAdmin> {
  const broker = await startTestBroker(options)
  const { services, disk, time } = broker
  const { history } = services.control
  const directory = '/data/audit'
  const trail = await HistoryTrail.open({ history, directory, disk, ...time, logger: silentLogger })
  const backups = await BackupService.open({
    ...{ dataDirectory: '/data', control: services.control, log: broker.store, trail },
    ...{ cosignatureBytes: () => null, disk, ...time, random: services.random },
    logger: silentLogger,
  })
  const given: GivenServices = {
    broker: services,
    authorizer: options.authorizer ?? openAuthorizer,
    audit: {
      trail,
      checkpointText: null,
      // Nobody signs checkpoints here: who may rotate the key is told that there is none.
      async rotateKey(actor, { dryRun: validateOnly }) {
        const command = { kind: 'audit.key.rotate', verifierKey: '', endorsement: null } as const
        const [outcome] = await services.control.execute([command], actor, { validateOnly })
        if (!outcome) throw new Error('a command has an outcome')
        return outcome
      },
    },
    backups,
    storage: () => broker.store.stats,
    metrics: NO_METRICS,
    listeners: () => [LISTENER],
    loginsBy: (mechanism) => broker.server.stats.loginsBy(mechanism),
    connections: () => broker.server.connections(),
    isReady: () => true,
  }
  const door = createAdminDoor({
    rootToken: ROOT_TOKEN,
    services: given,
    hostnames: options.hostnames ?? [],
  })
  const app = await door.app()
  const conformsTo = responseChecker(app)
  return {
    app,
    broker,
    services: given,
    async call(target, { body, headers = {}, token = ROOT_TOKEN } = {}) {
      const [method = '', url = ''] = target.split(' ', 2)
      const request: InjectOptions = {
        method: method as NonNullable<InjectOptions['method']>,
        url,
        headers: { ...headers, ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
        ...(body === undefined ? {} : { payload: body as object }),
      }
      const response = await app.inject(request)
      if (response.statusCode === 304) {
        return { status: 304, headers: response.headers, body: null }
      }
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
      await door.close()
      await backups.stop()
      await trail.stop()
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
    const address = url.split('?', 1)[0] ?? ''
    // A word stands before a parameter that could be the word.
    const found =
      paths.find(({ path }) => path === address) ??
      paths.find(({ pattern }) => pattern.test(address))
    const responses = found?.methods[method.toLowerCase()]?.responses
    if (!found || !responses || status === 204) return
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
