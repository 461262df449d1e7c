import type { Tool } from '../harness/toolchains.ts'
import { kafkaTool } from './kafka-tool.ts'
import type { SecuredBroker } from './secured-broker.ts'

const TOOLS: readonly Tool[] = ['java', 'mvn']

/** Sets limits of an entity by Kafka's tool, sees them shown, and takes them away again. */
function quotas(
  what: string,
  entity: readonly string[],
  limits: Readonly<Record<string, string>>,
  shownName: string,
) {
  return {
    client: 'kafka-configs',
    what: `quotas of ${what}`,
    tools: TOOLS,
    async run(broker: SecuredBroker): Promise<void> {
      const tool = (...args: readonly string[]) =>
        kafkaTool('kafka-configs', broker, broker.inside, {}, ...args, ...entity)
      const settings = Object.entries(limits).map(([key, value]) => `${key}=${value}`)
      await tool('--alter', '--add-config', settings.join(','))
      const shown = await tool('--describe')
      for (const text of [shownName, ...settings]) {
        if (!shown.includes(text)) throw new Error(`${JSON.stringify(text)} is not in: ${shown}`)
      }
      await tool('--alter', '--delete-config', Object.keys(limits).join(','))
      const left = await tool('--describe')
      const stays = Object.keys(limits).find((key) => left.includes(key))
      if (stays) throw new Error(`${stays} is still there: ${left}`)
    },
  }
}

const user = ['--entity-type', 'users', '--entity-name', 'bob']
const client = ['--entity-type', 'clients', '--entity-name', 'app']

/** Quotas by `kafka-configs`, of each kind of entity that it knows. */
export const quotaSteps = [
  quotas(
    'a user and a client id',
    [...user, ...client],
    { producer_byte_rate: '1048576.0', consumer_byte_rate: '2097152.0' },
    "user-principal 'bob', client-id 'app'",
  ),
  quotas(
    'users by default',
    ['--entity-type', 'users', '--entity-default'],
    { request_percentage: '250.5' },
    'the default user-principal',
  ),
  quotas(
    'client ids by default',
    ['--entity-type', 'clients', '--entity-default'],
    { controller_mutation_rate: '1000.0' },
    'the default client-id',
  ),
  quotas(
    'an address',
    ['--entity-type', 'ips', '--entity-name', '10.1.2.3'],
    { connection_creation_rate: '1000.0' },
    "ip '10.1.2.3'",
  ),
]
