import { parseArgs } from 'node:util'
import type { Client } from './roster.ts'
import { roster } from './roster.ts'

/** Which broker the clients meet. */
export type Against =
  | { readonly kind: 'glasslog' }
  | { readonly kind: 'kafka'; readonly release: '3.9' | '4.1' }
  | { readonly kind: 'running'; readonly bootstrap: string }

export type Arguments = {
  readonly clients: readonly Client[]
  readonly against: Against
  /** A missing toolchain fails the run. */
  readonly requireAll: boolean
}

export const usage = `usage: npm run test:interop -- [options]
  --only NAME,NAME        only these clients: ${roster.map((client) => client.name).join(' ')}
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
    },
  })
  return {
    clients: values.only === undefined ? roster : values.only.split(',').map(clientNamed),
    against:
      values.bootstrap === undefined
        ? againstNamed(values.against)
        : { kind: 'running', bootstrap: values.bootstrap },
    requireAll: values['require-all'],
  }
}

function clientNamed(name: string): Client {
  const client = roster.find((candidate) => candidate.name === name)
  if (!client) throw new Error(`there is no client "${name}"`)
  return client
}

function againstNamed(name: string): Against {
  if (name === 'glasslog') return { kind: 'glasslog' }
  if (name === 'kafka-3.9') return { kind: 'kafka', release: '3.9' }
  if (name === 'kafka-4.1') return { kind: 'kafka', release: '4.1' }
  throw new Error(`cannot start "${name}"`)
}
