import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Check, Surroundings } from './checks.ts'
import { command } from './command.ts'

const RULE_TESTS = join(import.meta.dirname, '../../monitor/default-rules/tests')

/** Debian's own programs, as an operator would call them. */
export const TOOL_CHECKS: readonly Check[] = [
  tool('promtool query instant', 'promtool', ({ urlWithToken }) => ({
    args: ['query', 'instant', urlWithToken, 'sum(up{job="glasslog"})'],
    expected: /^\{\} => 1 @/,
  })),
  tool('promtool query range', 'promtool', ({ urlWithToken }) => ({
    args: ['query', 'range', '--step', '1s', urlWithToken, 'up{job="glasslog"}'],
    expected: /up\{instance="[^"]+", job="glasslog"\} =>\n1 @/,
  })),
  tool('promtool query series', 'promtool', ({ urlWithToken }) => ({
    args: ['query', 'series', '--match', 'up', urlWithToken],
    expected: /job="glasslog-monitor"/,
  })),
  tool('promtool query labels', 'promtool', ({ urlWithToken }) => ({
    args: ['query', 'labels', urlWithToken, 'job'],
    expected: /glasslog\nglasslog-monitor/,
  })),
  tool('promtool check rules', 'promtool', ({ ruleFiles }) => ({
    args: ['check', 'rules', ...ruleFiles],
    expected: /SUCCESS/,
    unexpected: /FAILED|duplicate/,
  })),
  tool('promtool test rules', 'promtool', () => ({
    args: ['test', 'rules', ...readdirSync(RULE_TESTS).map((name) => join(RULE_TESTS, name))],
    expected: /SUCCESS/,
    unexpected: /FAILED/,
  })),
  {
    name: 'promtool check metrics',
    async run({ url }) {
      const page = await (await fetch(`${url}/metrics`)).text()
      // The families of the process are prom-client's, which names some of them its own way.
      const own = page.split('\n').filter((line) => !line.includes('nodejs_'))
      const { code, stdout, stderr } = await command(
        'promtool',
        ['check', 'metrics'],
        own.join('\n'),
      )
      return code === 0 ? null : `exit code ${code}\n${stdout}${stderr}`
    },
  },
  tool('amtool alert', 'amtool', (where) => ({
    args: [...alertmanager(where), 'alert', 'query', 'alertname=HasPartitions'],
    expected: /HasPartitions.*\d+ partitions.*active/,
  })),
  tool('amtool alert groups by receiver', 'amtool', (where) => ({
    args: [...alertmanager(where), '-o', 'json', 'alert', 'query', '--receiver', 'console'],
    expected: /"alertname":"HasPartitions"/,
  })),
  tool('amtool alert add', 'amtool', (where) => ({
    args: [...alertmanager(where), 'alert', 'add', 'alertname=FromOutside', 'topic=orders'],
    expected: /^$/,
  })),
  tool('amtool alert query of what was added', 'amtool', (where) => ({
    args: [...alertmanager(where), 'alert', 'query', 'topic=~ord.+'],
    expected: /FromOutside/,
  })),
  tool('amtool silence add', 'amtool', (where) => ({
    args: [
      ...[...alertmanager(where), 'silence', 'add', '--author', 'me', '--comment', 'known'],
      ...['--duration', '1h', 'alertname=HasPartitions'],
    ],
    expected: /^[0-9a-f-]{36}\n$/,
  })),
  tool('amtool silence query', 'amtool', (where) => ({
    args: [...alertmanager(where), 'silence', 'query', 'alertname=HasPartitions'],
    expected: /alertname="?HasPartitions"?.*me\s+known/,
  })),
  tool('amtool alert: what is silenced is told so', 'amtool', (where) => ({
    args: [...alertmanager(where), 'alert', 'query', '--silenced', 'alertname=HasPartitions'],
    expected: /HasPartitions.*suppressed/,
  })),
  {
    name: 'amtool silence expire',
    async run(where) {
      const ids = await amtool(where, ['silence', 'query', '-q'])
      await amtool(where, ['silence', 'expire', ...ids.trim().split('\n')])
      const left = await amtool(where, ['silence', 'query', '-q'])
      return left.trim() === '' ? null : `left: ${left}`
    },
  },
  tool('amtool config show', 'amtool', (where) => ({
    args: [...alertmanager(where), 'config', 'show'],
    expected: /receiver: console/,
  })),
  tool('amtool config routes test', 'amtool', (where) => ({
    args: [...alertmanager(where), 'config', 'routes', 'test', 'alertname=HasPartitions'],
    expected: /^console\n$/,
  })),
]

interface Call {
  readonly args: readonly string[]
  readonly expected: RegExp
  readonly unexpected?: RegExp
}

/** A program that must end with 0 and print what is expected. */
function tool(name: string, program: string, callOf: (where: Surroundings) => Call): Check {
  return {
    name,
    async run(where) {
      const { args, expected, unexpected } = callOf(where)
      const { code, stdout, stderr } = await command(program, args)
      const isGood = code === 0 && expected.test(stdout) && unexpected?.test(stdout) !== true
      return isGood ? null : `exit code ${code}\n${stdout}${stderr}`
    },
  }
}

function alertmanager({ urlWithToken }: Surroundings): readonly string[] {
  return ['--alertmanager.url', urlWithToken]
}

async function amtool(where: Surroundings, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await command('amtool', [...alertmanager(where), ...args])
  if (code !== 0) throw new Error(`exit code ${code}\n${stdout}${stderr}`)
  return stdout
}
