import type { IncomingMessage, ServerResponse } from 'node:http'
import { resourceKey } from '../../audit/index.ts'
import { onceItWorks, tokenProof } from '../../kit/index.ts'
import { createLogins } from './access/logins.ts'
import type { GivenServices } from './admin-services.ts'
import type { AdminApp } from './http/admin-plugin.ts'
import { PROBLEM_MEDIA_TYPE, Problem } from './http/problem.ts'
import { TopicRates } from './rates/topic-rates.ts'

export interface AdminDoorOptions {
  readonly rootToken: string
  readonly services: GivenServices
  /** Names by which the port may be asked for on this machine; null where TLS has looked at them. */
  readonly hostnames: readonly string[] | null
}

/** The admin port without its socket. */
export interface AdminDoor {
  /** All routes; loaded when it is called first. */
  app(): Promise<AdminApp>
  /** Answers a request, after what answers it was loaded. */
  handle(request: IncomingMessage, response: ServerResponse): void
  close(): Promise<void>
}

/**
 * Makes at once what has to see everything from the start on (rates, failed logins), and loads
 * routes, schemas and their libraries with the first request: they are more than half of the modules
 * of a broker, which is to serve its Kafka clients before, and may never be asked over HTTP.
 */
export function createAdminDoor(options: AdminDoorOptions): AdminDoor {
  const { rootToken, services, hostnames } = options
  const { broker } = services
  const { control, timers } = broker
  const rates = new TopicRates(broker)
  const { verifiers, tokenLogins, ...logins } = createLogins(broker, rootToken, services.loginsBy)
  let loading: Promise<AdminApp> | undefined
  const app = onceItWorks(() => {
    loading = load()
    return loading
  })
  return {
    app,
    handle(request, response) {
      app().then(
        (loaded) => loaded.routing(request, response),
        (err: unknown) => {
          broker.logger.error({ err }, 'the admin API cannot be loaded')
          answerProblem(response, new Problem('internal', 'see the log of the broker'))
        },
      )
    },
    async close() {
      rates.stop()
      const loaded = await loading?.catch(() => undefined)
      await loaded?.close()
    },
  }

  async function load(): Promise<AdminApp> {
    const { createAdminApp } = await import('./admin-app.ts')
    const loaded = await createAdminApp(
      {
        ...services,
        ...logins,
        rates,
        proofOfRoot: (challenge, port) => tokenProof(rootToken, challenge, port),
        lastSeqOf: (resource) => control.resources.get(resourceKey(resource))?.seq,
      },
      {
        authentication: {
          ...{ verifiers, failedLogins: logins.failedLogins, counts: tokenLogins },
          ...{ control, timers },
        },
        hostnames,
      },
    )
    await loaded.ready()
    return loaded
  }
}

function answerProblem(response: ServerResponse, { row, document }: Problem): void {
  response.writeHead(row.status, { 'content-type': PROBLEM_MEDIA_TYPE })
  response.end(JSON.stringify(document))
}
