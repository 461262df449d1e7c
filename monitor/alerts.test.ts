import { expect, it } from 'vitest'
import { config, MINUTE_MS, ONE_TEAM, openPipeline } from '../alerting/testing.ts'
import { seededRandom, silentLogger } from '../kit/index.ts'
import { createSimDisk } from '../kit/testing.ts'
import { followAlertingFile, tellAlerts } from './alerts.ts'
import { parseRuleFile, RuleManager, storeRuleStorage } from './rules/index.ts'
import { DEFAULT_STORE_OPTIONS, SeriesStore } from './series/index.ts'

const SELDOM = 'groups: [{ name: seldom, interval: 30m, rules: [{ alert: Old, expr: vector(1) }] }]'

it('an alert of a rule that is looked at every half hour fires all the time, and ends when nobody looks any more', async () => {
  const { pipeline, time, outside } = await openPipeline(config(ONE_TEAM))
  const { clock, timers } = time
  const store = await SeriesStore.open(
    createSimDisk(),
    'series',
    DEFAULT_STORE_OPTIONS,
    silentLogger,
  )
  const rules = new RuleManager({
    intervalMs: MINUTE_MS,
    context: { externalUrl: '', externalLabels: {} },
    storage: storeRuleStorage(store, clock),
    ...{ clock, timers },
    onAlerts: (rule, alerts, validUntilMs) => {
      void tellAlerts(pipeline, { rule, alerts, validUntilMs }, '', silentLogger)
    },
  })
  rules.replace(parseRuleFile(SELDOM, 'seldom.yml'))
  await time.advance(90 * MINUTE_MS)
  expect(outside.take()).toEqual(['team/webhook first firing: Old; resolved: '])
  rules.stop()
  await time.advance(126 * MINUTE_MS)
  expect(outside.take()).toEqual(['team/webhook resolved firing: ; resolved: Old'])
})

it('an alerting file that changes while the monitor starts is in force', async () => {
  const { time } = await openPipeline()
  const disk = createSimDisk()
  const file = await disk.open('alerting.yml', 'create')
  await file.write([Buffer.from(ONE_TEAM)], 0)
  const inForce: string[] = []
  const settings = {
    reconfigure: async ({ route }: { route: { receiver: string } }) => {
      inForce.push(route.receiver)
    },
  }
  const platform = { ...time, disk, logger: silentLogger, random: seededRandom(1) }
  const stop = followAlertingFile('alerting.yml', settings, platform, () => {})
  await time.advance(MINUTE_MS)
  stop()
  expect(inForce).toEqual(['team'])
})
