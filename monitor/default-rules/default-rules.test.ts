import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { listFamilies } from '../../broker/telemetry/index.ts'
import { openRealDisk } from '../../kit/index.ts'
import { listMonitorFamilies } from '../metrics/index.ts'
import { ProbeStats } from '../probe/index.ts'
import type { AlertingRule } from '../rules/index.ts'
import { parseRuleTestFile, readRuleFiles, runRuleTests } from '../rules/index.ts'
import { DEFAULT_RULE_FILES } from './index.ts'

const TESTS = join(import.meta.dirname, 'tests')
const testFiles = readdirSync(TESTS).sort()

const groups = await readRuleFiles(openRealDisk(), DEFAULT_RULE_FILES)
const alerts = groups.flatMap(({ rules }) =>
  rules.filter((rule): rule is AlertingRule => rule.kind === 'alerting'),
)

describe('default rules', () => {
  it('are all in force', () => {
    const files = readdirSync(join(import.meta.dirname, 'rules')).sort()
    expect(DEFAULT_RULE_FILES.map((path) => basename(path)).sort()).toEqual(files)
  })

  it.each(testFiles)('do what %s says', async (name) => {
    const path = join(TESTS, name)
    const tests = parseRuleTestFile(readFileSync(path, 'utf8'))
    const rules = await readRuleFiles(
      openRealDisk(),
      tests.ruleFiles.map((file) => resolve(dirname(path), file)),
    )
    expect(await runRuleTests(tests, rules)).toEqual([])
  })

  it('read families that there are', () => {
    const families = [...listFamilies(), ...listMonitorFamilies(), ...new ProbeStats().families()]
    const known = new Set(families.map(({ name }) => name))
    const names = new Set(
      DEFAULT_RULE_FILES.flatMap((path) =>
        [...readFileSync(path, 'utf8').matchAll(/\b(?:glasslog|kafka)_\w+/g)].map(([name]) => name),
      ),
    )
    const unknown = [...names].filter(
      (name) => !known.has(name) && !known.has(name.replace(/_(?:bucket|sum|count)$/, '')),
    )
    expect(unknown).toEqual([])
  })

  it('have a test each, in which they fire', () => {
    const fired = new Set(
      testFiles.flatMap((name) =>
        parseRuleTestFile(readFileSync(join(TESTS, name), 'utf8')).tests.flatMap((test) =>
          test.expressions.flatMap(({ expression, expected }) =>
            expected.map(
              ({ labels }) =>
                `${/alertname="(\w+)"/.exec(expression)?.[1]} ${/severity="(\w+)"/.exec(labels)?.[1]}`,
            ),
          ),
        ),
      ),
    )
    const untested = alerts.filter(({ alert, labels }) => !fired.has(`${alert} ${labels.severity}`))
    expect(untested.map(({ alert }) => alert)).toEqual([])
  })

  it.each(alerts)('$alert says what to do', ({ alert, labels, annotations }) => {
    expect(['critical', 'warning', 'info', 'none']).toContain(labels.severity)
    for (const name of ['summary', 'cause', 'impact', 'actions']) {
      expect(annotations[name], name).toMatch(/[.)}]$/)
    }
    const steps = annotations.actions
      ?.split('\n')
      .map((line) => Number(/^(\d+)\. /.exec(line)?.[1]))
    expect(steps).toEqual(steps?.map((_, at) => at + 1))
    expect(annotations.runbook_url).toBe(`{{ externalURL }}/runbooks/${alert}`)
  })
})
