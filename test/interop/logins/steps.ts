import { join } from 'node:path'
import { clientsDir } from '../harness/cache.ts'
import { runOrThrow } from '../harness/child.ts'
import { buildGoClient } from '../harness/go.ts'
import { pythonOf } from '../harness/python.ts'
import type { Step as SharedStep } from '../harness/run-steps.ts'
import { jaasOf, kafkaTool, propertiesOf } from './kafka-tool.ts'
import { quotaSteps } from './quota-steps.ts'
import type { SecuredBroker } from './secured-broker.ts'

/** One login by one client, or one thing that a tool does. Throws when it does not work. */
type Step = SharedStep<SecuredBroker>

const TIMEOUT_MS = 60_000
const SASL = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'] as const
const ALL = [...SASL, 'SSL'] as const

function expectText(output: string, text: string): void {
  if (!output.includes(text)) throw new Error(`${JSON.stringify(text)} is not in: ${output}`)
}

/** The user is made by the tool, where nobody has to log in; everything else logs in as that user. */
const createUser: Step = {
  client: 'kafka-configs',
  what: 'SCRAM user',
  tools: ['java', 'mvn'],
  async run(broker) {
    const password = `password=${broker.password}`
    const config = `SCRAM-SHA-256=[iterations=8192,${password}],SCRAM-SHA-512=[${password}]`
    const entity = ['--entity-type', 'users', '--entity-name', broker.user]
    const tool = (...args: string[]) =>
      kafkaTool('kafka-configs', broker, broker.inside, {}, ...args, ...entity)
    await tool('--alter', '--add-config', config)
  },
}

const describeUser: Step = {
  client: 'kafka-configs',
  what: 'SCRAM user shown',
  tools: ['java', 'mvn'],
  async run(broker) {
    const entity = ['--entity-type', 'users', '--entity-name', broker.user]
    const shown = await kafkaTool(
      'kafka-configs',
      broker,
      broker.inside,
      {},
      '--describe',
      ...entity,
    )
    expectText(shown, 'SCRAM-SHA-256=iterations=8192')
    expectText(shown, 'SCRAM-SHA-512=iterations=4096')
  },
}

const java = ALL.map(
  (mechanism): Step => ({
    client: 'java-4.1',
    what: mechanism,
    tools: ['java', 'mvn'],
    run(broker) {
      const bootstrap = mechanism === 'SSL' ? broker.mutualSsl : broker.saslSsl
      const properties = propertiesOf(mechanism, broker)
      const create = ['--create', '--if-not-exists', '--topic', 'logins', '--partitions', '1']
      return kafkaTool('kafka-topics', broker, bootstrap, properties, ...create)
    },
  }),
)

function kcat(what: string, options: (broker: SecuredBroker) => Record<string, string>): Step {
  return {
    client: 'kcat',
    what,
    tools: ['kcat'],
    async run(broker) {
      const flags = Object.entries({ 'ssl.ca.location': broker.authorityPath, ...options(broker) })
      const properties = flags.flatMap(([name, value]) => ['-X', `${name}=${value}`])
      const output = await runOrThrow('kcat', ['-L', '-m', '20', ...properties], {
        timeoutMs: TIMEOUT_MS,
      })
      expectText(output, 'logins')
    },
  }
}

const byPassword =
  (mechanism: string, protocol: 'SASL_SSL' | 'SASL_PLAINTEXT', more: Record<string, string> = {}) =>
  (broker: SecuredBroker): Record<string, string> => ({
    'bootstrap.servers': protocol === 'SASL_SSL' ? broker.saslSsl : broker.saslPlaintext,
    'security.protocol': protocol,
    'sasl.mechanisms': mechanism,
    'sasl.username': broker.user,
    'sasl.password': broker.password,
    ...more,
  })

const as = (release: string): Record<string, string> => ({
  'api.version.request': 'false',
  'broker.version.fallback': release,
})

/** Without OAUTHBEARER: distributions build kcat without what fetches tokens; Python's clients stand for its library. */
const kcats = [
  ...(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const).map((mechanism) =>
    kcat(mechanism, byPassword(mechanism, 'SASL_SSL')),
  ),
  kcat('SCRAM, no TLS', byPassword('SCRAM-SHA-512', 'SASL_PLAINTEXT')),
  // Handshake v0: tokens without headers.
  kcat('PLAIN as 0.10.0', byPassword('PLAIN', 'SASL_SSL', as('0.10.0.0'))),
  kcat('SCRAM as 0.10.2', byPassword('SCRAM-SHA-256', 'SASL_SSL', as('0.10.2.0'))),
  kcat('SSL', (broker) => ({
    'bootstrap.servers': broker.mutualSsl,
    'security.protocol': 'SSL',
    'ssl.certificate.location': broker.certificatePath,
    'ssl.key.location': broker.certificatePath,
  })),
]

function environment(mechanism: string, broker: SecuredBroker): Record<string, string> {
  return {
    BOOTSTRAP: mechanism === 'SSL' ? broker.mutualSsl : broker.saslSsl,
    MECHANISM: mechanism,
    LOGIN_USER: broker.user,
    LOGIN_PASSWORD: broker.password,
    LOGIN_TOKEN: broker.tokens.token,
    LOGIN_TOKEN_EXPIRY: String(broker.tokens.expiresAtSeconds),
    CA: broker.authorityPath,
    CERTIFICATE: broker.certificatePath,
  }
}

function python(client: string, mechanisms: readonly string[]): readonly Step[] {
  return mechanisms.map((mechanism) => ({
    client,
    what: mechanism,
    tools: ['python3'],
    run: async (broker) =>
      runOrThrow(await pythonOf(), [join(clientsDir, 'python', 'logins', 'scenario.py'), client], {
        env: environment(mechanism, broker),
        timeoutMs: TIMEOUT_MS,
      }),
  }))
}

function go(client: string, mechanisms: readonly string[]): readonly Step[] {
  return mechanisms.map((mechanism) => ({
    client,
    what: mechanism,
    tools: ['go'],
    run: async (broker) =>
      runOrThrow(await buildGoClient('logins'), [client], {
        env: environment(mechanism, broker),
        timeoutMs: TIMEOUT_MS,
      }),
  }))
}

const acls: Step = {
  client: 'kafka-acls',
  what: 'add, list, remove',
  tools: ['java', 'mvn'],
  async run(broker) {
    const properties = propertiesOf('SCRAM-SHA-512', broker)
    const tool = (...args: string[]) =>
      kafkaTool('kafka-acls', broker, broker.saslSsl, properties, ...args)
    const rule = ['--topic', 'pay', '--resource-pattern-type', 'prefixed']
    const bob = ['--allow-principal', 'User:bob', '--consumer', '--group', 'bills']
    await tool('--add', ...rule, ...bob)
    const shown = await tool('--list', '--topic', 'payments', '--resource-pattern-type', 'match')
    expectText(shown, 'principal=User:bob, host=*, operation=READ, permissionType=ALLOW')
    await tool('--remove', '--force', ...rule, ...bob)
    if ((await tool('--list')).includes('User:bob')) throw new Error('the ACLs are still there')
  },
}

const delegationTokens: Step = {
  client: 'kafka-delegation-tokens',
  what: 'create, log in, expire',
  tools: ['java', 'mvn', 'kcat'],
  async run(broker) {
    const properties = propertiesOf('SCRAM-SHA-256', broker)
    const tool = (...args: string[]) =>
      kafkaTool('kafka-delegation-tokens', broker, broker.saslSsl, properties, ...args)
    const made = await tool('--create', '--max-life-time-period', '-1')
    const [, id = '', hmac = ''] = /^(\S{22})\s+(\S{80,})/m.exec(made) ?? []
    const shown = await tool('--describe', '--owner-principal', `User:${broker.user}`)
    expectText(shown, id || 'a token id')
    const byToken = {
      ...properties,
      'sasl.jaas.config': jaasOf('SCRAM-SHA-256', id, hmac, ' tokenauth="true"'),
    }
    const list = () => kafkaTool('kafka-topics', broker, broker.saslSsl, byToken, '--list')
    expectText(await list(), 'logins')
    await tool('--renew', '--renew-time-period', '3600000', '--hmac', hmac)
    await tool('--expire', '--expiry-time-period', '-1', '--hmac', hmac)
    const isIn = await list().then(
      () => true,
      () => false,
    )
    if (isIn) throw new Error('the token is still good')
  },
}

/** The first makes the user and the second the topic that the others need, whichever are chosen. */
export const NEEDED_STEPS = 2

export const steps: readonly Step[] = [
  createUser,
  ...java,
  ...kcats,
  ...python('confluent-kafka', ALL),
  ...python('aiokafka', ALL),
  ...go('franz-go', ALL),
  ...go('sarama', ALL),
  describeUser,
  acls,
  ...quotaSteps,
  delegationTokens,
]
