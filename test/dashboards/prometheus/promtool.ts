import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { listAlertRules, PROMETHEUS_DIRECTORY } from '../../../dashboards/index.ts'
import type { GlasslogUnderTest } from '../scenario/glasslog-under-test.ts'

/** What promtool finds wrong with our rules and with the families that are ours. */
export async function checkPromtool({
  adminUrl,
  monitorUrl,
  token,
}: GlasslogUnderTest): Promise<readonly string[]> {
  const rules = join(PROMETHEUS_DIRECTORY, 'rules')
  const files = [...readdirSync(rules).map((name) => join(rules, name)), ...listAlertRules()]
  const faults = run(['check', 'rules', ...files], '').status === 0 ? [] : ['check rules fails']
  for (const url of [adminUrl, monitorUrl]) {
    const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } })
    const { output } = run(['check', 'metrics'], await answer.text())
    // Names that old dashboards force on us are not as promtool wants them; docs/metrics.md says which.
    const ours = output.split('\n').filter((line) => /^glasslog_/.test(line))
    faults.push(...ours.map((line) => `${url}: ${line}`))
  }
  return faults
}

function run(args: readonly string[], input: string): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8' })
  return { status, output: `${stdout}${stderr}` }
}
