import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runOrThrow } from '../harness/child.ts'
import { fetchKafkaTools } from '../harness/java.ts'
import { versions } from '../versions.ts'
import type { SecuredBroker } from './secured-broker.ts'

const TIMEOUT_MS = 60_000

const TOOLS = {
  'kafka-topics': 'org.apache.kafka.tools.TopicCommand',
  'kafka-configs': 'kafka.admin.ConfigCommand',
  'kafka-acls': 'org.apache.kafka.tools.AclCommand',
  'kafka-delegation-tokens': 'org.apache.kafka.tools.DelegationTokenCommand',
} as const

/** What a client of Java says of how it logs in. */
export type ClientProperties = Readonly<Record<string, string>>

/** How the user of the broker logs in by a mechanism; `SSL` is by certificate. */
export function propertiesOf(mechanism: string, broker: SecuredBroker): ClientProperties {
  const tls = {
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': broker.authorityPath,
    'ssl.endpoint.identification.algorithm': '',
  }
  if (mechanism === 'SSL') {
    const keys = { 'ssl.keystore.type': 'PEM', 'ssl.keystore.location': broker.certificatePath }
    return { 'security.protocol': 'SSL', ...tls, ...keys }
  }
  const sasl = { 'security.protocol': 'SASL_SSL', 'sasl.mechanism': mechanism, ...tls }
  if (mechanism === 'OAUTHBEARER') {
    const security = 'org.apache.kafka.common.security.oauthbearer'
    return {
      ...sasl,
      'sasl.login.callback.handler.class': `${security}.OAuthBearerLoginCallbackHandler`,
      'sasl.oauthbearer.token.endpoint.url': broker.tokens.tokenUrl,
      'sasl.jaas.config': `${security}.OAuthBearerLoginModule required clientId="x" clientSecret="y";`,
    }
  }
  return { ...sasl, 'sasl.jaas.config': jaasOf(mechanism, broker.user, broker.password) }
}

export function jaasOf(mechanism: string, user: string, password: string, more = ''): string {
  const kind = mechanism === 'PLAIN' ? 'plain.Plain' : 'scram.Scram'
  const module = `org.apache.kafka.common.security.${kind}LoginModule`
  return `${module} required username="${user}" password="${password}"${more};`
}

let files = 0

/** Runs a command-line tool of Apache Kafka to its end and answers what it printed. */
export async function kafkaTool(
  tool: keyof typeof TOOLS,
  broker: SecuredBroker,
  bootstrap: string,
  properties: ClientProperties,
  ...args: readonly string[]
): Promise<string> {
  const jars = await fetchKafkaTools(versions.kafkaTools['tools-4.1'])
  const path = join(broker.directory, `client-${++files}.properties`)
  const lines = Object.entries(properties).map(([name, value]) => `${name}=${value}`)
  writeFileSync(path, `${lines.join('\n')}\n`)
  const java = [
    ...['-Xmx256m', '-XX:TieredStopAtLevel=1', '-cp', `${jars}/*`],
    `-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=${broker.tokens.tokenUrl}`,
  ]
  return runOrThrow(
    'java',
    [...java, TOOLS[tool], '--bootstrap-server', bootstrap, '--command-config', path, ...args],
    { timeoutMs: TIMEOUT_MS },
  )
}
