import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ChildResult } from '../../../harness/child.ts'
import { runChild } from '../../../harness/child.ts'
import { bootstrap } from '../interop.ts'

const TOOL_TIMEOUT_MS = 40_000

const jars = process.env.KAFKA_JARS ?? ''

/** Whether the tools are those of a release before 4.0, which kept some in other packages. */
export const isBefore4: boolean =
  existsSync(jars) && readdirSync(jars).some((jar) => jar.startsWith('kafka-tools-3.'))

/** Main classes behind the scripts of Kafka's bin/ directory. */
const mains = {
  'kafka-topics': 'org.apache.kafka.tools.TopicCommand',
  'kafka-configs': 'kafka.admin.ConfigCommand',
  'kafka-consumer-groups': 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
  'kafka-console-producer': isBefore4
    ? 'kafka.tools.ConsoleProducer'
    : 'org.apache.kafka.tools.ConsoleProducer',
  'kafka-console-consumer': 'org.apache.kafka.tools.consumer.ConsoleConsumer',
  'kafka-get-offsets': 'org.apache.kafka.tools.GetOffsetShell',
  'kafka-delete-records': 'org.apache.kafka.tools.DeleteRecordsCommand',
  'kafka-log-dirs': 'org.apache.kafka.tools.LogDirsCommand',
  'kafka-leader-election': 'org.apache.kafka.tools.LeaderElectionCommand',
  'kafka-reassign-partitions': 'org.apache.kafka.tools.reassign.ReassignPartitionsCommand',
  'kafka-client-metrics': 'org.apache.kafka.tools.ClientMetricsCommand',
  'kafka-cluster': 'org.apache.kafka.tools.ClusterTool',
  'kafka-transactions': 'org.apache.kafka.tools.TransactionsCommand',
  'kafka-broker-api-versions': isBefore4
    ? 'kafka.admin.BrokerApiVersionsCommand'
    : 'org.apache.kafka.tools.BrokerApiVersionsCommand',
} as const

export type Tool = keyof typeof mains

/** The Java command line of a tool, for those that run on while a step looks at them. */
export function commandOf(tool: Tool, args: readonly string[]): readonly [string, string[]] {
  const jvm = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']
  const logging = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'
  const server = ['--bootstrap-server', bootstrap]
  // The server is an option of this one's subcommand.
  const all = tool === 'kafka-cluster' ? [...args, ...server] : [...server, ...args]
  return ['java', [...jvm, logging, '-cp', join(jars, '*'), mains[tool], ...all]]
}

/** Runs a tool to its end, whatever its exit code. */
export async function tryTool(
  tool: Tool,
  args: readonly string[],
  input = '',
): Promise<ChildResult> {
  const [command, all] = commandOf(tool, args)
  const result = await runChild(command, all, { input, timeoutMs: TOOL_TIMEOUT_MS })
  assert.ok(!result.timedOut, `${tool} ${args.join(' ')} did not end: ${result.stderr}`)
  return result
}

/** Runs a tool that must succeed and returns its standard output. */
export async function run(tool: Tool, args: readonly string[], input = ''): Promise<string> {
  const { exitCode, stdout, stderr } = await tryTool(tool, args, input)
  assert.equal(exitCode, 0, `${tool} ${args.join(' ')}: ${stdout} ${stderr}`)
  return stdout
}

/** Runs a tool that must be refused with a message like this. */
export async function expectRefusal(
  pattern: RegExp,
  tool: Tool,
  args: readonly string[],
): Promise<void> {
  const { stdout, stderr } = await tryTool(tool, args)
  assert.match(`${stdout}\n${stderr}`, pattern)
}
