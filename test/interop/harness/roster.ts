import { join } from 'node:path'
import { versions } from '../versions.ts'
import { clientsDir } from './cache.ts'
import { buildGoClient } from './go.ts'
import { compileScenario, fetchKafkaTools } from './java.ts'
import { pythonOf } from './python.ts'
import type { Tool } from './toolchains.ts'

/** How a prepared client is started. */
export type ClientCommand = {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** A client under test. */
export type Client = {
  readonly name: string
  /** Two short lines that head its column. */
  readonly heading: readonly [string, string]
  readonly tools: readonly Tool[]
  /** False: the client cannot create topics, so the runner does it. */
  readonly createsTopics: boolean
  /**
   * Message format of its round-trip topics, if other clients can check them: 0 has no timestamps, 1 no
   * headers, 2 has both. Null: the client cannot choose partition and timestamp of each record.
   */
  readonly writesFormat: 0 | 1 | 2 | null
  /** Codecs whose data from other clients it cannot read, with the reason. */
  readonly cannotRead?: Readonly<Record<string, string>>
  /** Fetches and builds what it needs, from the cache when that is there. */
  prepare(): Promise<ClientCommand>
}

type JavaRelease = keyof typeof versions.javaClients

function java(
  name: JavaRelease,
  writesFormat: 0 | 1 | 2 | null,
  layers: readonly string[],
): Client {
  const release = name.replace('java-', '')
  return {
    name,
    heading: ['java', release],
    tools: ['mvn', 'java', 'javac'],
    createsTopics: layers.includes('since-1.1'),
    writesFormat,
    prepare: async () => ({
      command: 'java',
      args: [
        '-Xmx256m',
        '-XX:TieredStopAtLevel=1',
        '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
        '-cp',
        await compileScenario(name, versions.javaClients[name], [
          'core',
          ...layers,
          `scenario-${release}`,
        ]),
        'Scenario',
      ],
    }),
  }
}

function kafkaTools(name: keyof typeof versions.kafkaTools): Client {
  return {
    name,
    heading: ['tools', name.replace('tools-', '')],
    tools: ['mvn', 'java'],
    createsTopics: true,
    writesFormat: null,
    prepare: async () => ({
      ...nodeScenario('kafka-tools'),
      env: { KAFKA_JARS: await fetchKafkaTools(versions.kafkaTools[name]) },
    }),
  }
}

function nodeScenario(folder: string): ClientCommand {
  return { command: process.execPath, args: [join(clientsDir, 'node', folder, 'scenario.ts')] }
}

function python(name: string, heading: readonly [string, string]): Client {
  return {
    name,
    heading,
    tools: ['python3'],
    createsTopics: true,
    writesFormat: 2,
    prepare: async () => ({
      command: await pythonOf(),
      args: [join(clientsDir, 'python', name, 'scenario.py')],
      env: { PYTHONPATH: join(clientsDir, 'python'), PYTHONDONTWRITEBYTECODE: '1' },
    }),
  }
}

function go(
  program: string,
  name: string,
  heading: readonly [string, string],
  env: Record<string, string> = {},
): Client {
  return {
    name,
    heading,
    tools: ['go'],
    createsTopics: true,
    // The same program as of an older release compresses and encodes as it does as of the newest.
    writesFormat: name === program ? 2 : null,
    prepare: async () => ({ command: await buildGoClient(program), args: [], env }),
  }
}

function node(name: string, heading: readonly [string, string]): Client {
  return {
    name,
    heading,
    tools: [],
    createsTopics: true,
    writesFormat: 2,
    prepare: () => Promise.resolve(nodeScenario(name)),
  }
}

function kcat(
  name: string,
  heading: readonly [string, string],
  env: Record<string, string>,
): Client {
  return {
    name,
    heading,
    tools: ['kcat'],
    createsTopics: false,
    writesFormat: null,
    prepare: () => Promise.resolve({ ...nodeScenario('kcat'), env }),
  }
}

const admin11 = ['api-1.1', 'since-0.10', 'since-1.1', 'admin-api-1.1', 'until-3.9']
const admin24 = ['api-2.4', 'since-0.10', 'since-1.1', 'since-2.4', 'admin-api-1.1', 'until-3.9']
const admin41 = ['api-2.4', 'since-0.10', 'since-1.1', 'since-2.4', 'since-3.9', 'admin-api-3.9']

/** Every client, the slowest first so that all lanes end close together. */
export const roster: readonly Client[] = [
  kafkaTools('tools-4.1'),
  kafkaTools('tools-3.9'),
  java('java-0.9', 0, ['api-0.9']),
  java('java-0.10', 1, ['api-0.10', 'since-0.10']),
  java('java-1.1', null, admin11),
  java('java-2.4', null, admin24),
  java('java-3.9', null, [...admin41, 'until-3.9']),
  java('java-4.1', 2, admin41),
  kcat('kcat', ['kcat', ''], {}),
  kcat('kcat-0.9', ['kcat', 'as 0.9'], { KCAT_ASSUMED_RELEASE: '0.9.0.1' }),
  python('confluent-kafka', ['conf-', 'luent']),
  python('aiokafka', ['aio-', 'kafka']),
  go('franz-go', 'franz-go', ['franz-', 'go']),
  go('franz-go', 'franz-go-1.0', ['franz-', 'as 1.0'], { FRANZ_GO_RELEASE: 'v1.0' }),
  go('franz-go', 'franz-go-2.2', ['franz-', 'as 2.2'], { FRANZ_GO_RELEASE: 'v2.2' }),
  go('franz-go', 'franz-go-3.3', ['franz-', 'as 3.3'], { FRANZ_GO_RELEASE: 'v3.3' }),
  go('sarama', 'sarama', ['sarama', '']),
  go('sarama', 'sarama-0.11', ['sarama', 'as 0.11'], { SARAMA_RELEASE: '0.11.0.2' }),
  go('sarama', 'sarama-2.0', ['sarama', 'as 2.0'], { SARAMA_RELEASE: '2.0.0' }),
  node('kafkajs', ['kafka', 'js']),
  {
    ...node('platformatic', ['platfor', 'matic']),
    cannotRead: { snappy: 'reads bare snappy blocks only, not the framing that others write' },
  },
]
