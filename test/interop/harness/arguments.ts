import { parseArgs } from 'node:util'
import { reportingClients } from '../client-metrics/run-client-metrics.ts'
import { loginClients } from '../logins/run-logins.ts'
import type { Client } from './roster.ts'
import { roster } from './roster.ts'

/** Which broker the clients meet. */
export type Against =
  | { readonly kind: 'glasslog' }
  | { readonly kind: 'kafka'; readonly release: '3.9' | '4.1' }
  | { readonly kind: 'running'; readonly bootstrap: string }

export type Arguments = {
  /** Whose scenarios run. */
  readonly clients: readonly Client[]
  /** Clients that log in by every mechanism. */
  readonly logins: readonly string[]
  /** Clients that report their metrics. */
  readonly reporting: readonly string[]
  readonly against: Against
  /** A missing toolchain fails the run. */
  readonly requireAll: boolean
}

export const usage = `usage: npm run test:interop -- [options]
  --only NAME,NAME        only these clients: ${roster.map((client) => client.name).join(' ')}
  --logins                no scenarios, logins only; with --only of ${loginClients.join(', ')}
  --client-metrics        no scenarios, client metrics only; with --only of ${reportingClients.join(', ')}
  --bootstrap HOST:PORT   test a running broker instead of starting Glasslog
  --against kafka-3.9     test the suite itself against Apache Kafka (or kafka-4.1), fetched from Maven
  --require-all           a missing toolchain is a failure`

/** Reads the command line; throws an Error with one sentence when it is wrong. */
export function parseArguments(argv: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      only: { type: 'string' },
      bootstrap: { type: 'string' },
      against: { type: 'string', default: 'glasslog' },
      'require-all': { type: 'boolean', default: false },
      logins: { type: 'boolean', default: false },
      'client-metrics': { type: 'boolean', default: false },
    },
  })
  const { only, bootstrap } = values
  const against: Against =
    bootstrap === undefined ? againstNamed(values.against) : { kind: 'running', bootstrap }
  const names = only?.split(',')
  const requireAll = values['require-all']
  if (values.logins) {
    const logins = names?.map((name) => oneOf(loginClients, name)) ?? loginClients
    return { clients: [], logins, reporting: [], against, requireAll }
  }
  if (values['client-metrics']) {
    const reporting = names?.map((name) => oneOf(reportingClients, name)) ?? reportingClients
    return { clients: [], logins: [], reporting, against, requireAll }
  }
  // Logins and client metrics start a Glasslog of their own.
  const isWhole = names === undefined && against.kind === 'glasslog'
  return {
    clients: names?.map(clientNamed) ?? roster,
    logins: isWhole ? loginClients : [],
    reporting: isWhole ? reportingClients : [],
    against,
    requireAll,
  }
}

function clientNamed(name: string): Client {
  const client = roster.find((candidate) => candidate.name === name)
  if (!client) throw new Error(`there is no client "${name}"`)
  return client
}

function oneOf(known: readonly string[], name: string): string {
  if (!known.includes(name)) throw new Error(`there is no client "${name}" that does this`)
  return name
}

function againstNamed(name: string): Against {
  if (name === 'glasslog') return { kind: 'glasslog' }
  if (name === 'kafka-3.9') return { kind: 'kafka', release: '3.9' }
  if (name === 'kafka-4.1') return { kind: 'kafka', release: '4.1' }
  throw new Error(`cannot start "${name}"`)
}
