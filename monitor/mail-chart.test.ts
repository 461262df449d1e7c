import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { expect, it } from 'vitest'
import { parseAlertingConfig } from '../alerting/index.ts'
import { seededRandom, silentLogger } from '../kit/index.ts'
import { createSimDisk, createSimTime } from '../kit/testing.ts'
import { openAlerts, tellAlerts } from './alerts.ts'
import { createAlertCharts, storeChartSource } from './charts/index.ts'
import { Labels } from './promql/index.ts'
import { parseRuleFile, RuleManager, storeRuleStorage } from './rules/index.ts'
import { DEFAULT_STORE_OPTIONS, SeriesStore } from './series/index.ts'

const RULES = `
groups:
- name: own
  interval: 15s
  rules:
  - alert: Behind
    expr: lag > 100
    annotations: { runbook_url: '{{ externalURL }}/runbooks/Behind' }
`
const PNG_IN_BASE64 = 'iVBORw0KGgo'

it('shows in a mail what the rule looks at, with links to the alert, its rule and its runbook', async () => {
  const mail = Promise.withResolvers<string>()
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, callback) {
      let text = ''
      stream.setEncoding('utf8').on('data', (piece: string) => (text += piece))
      stream.on('end', () => {
        callback()
        mail.resolve(text)
      })
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const { port } = server.server.address() as AddressInfo
  const config = parseAlertingConfig(`
global: { smtp_smarthost: '127.0.0.1:${port}', smtp_from: g@example.com, smtp_require_tls: false }
route: { receiver: ops, group_by: [alertname], group_wait: 0s }
receivers: [{ name: ops, email_configs: [{ to: ops@example.com }] }]`)
  const time = createSimTime()
  const { clock, timers } = time
  const disk = createSimDisk()
  const store = await SeriesStore.open(disk, 'm/series', DEFAULT_STORE_OPTIONS, silentLogger)
  const number = store.numberOf(Labels.of({ __name__: 'lag', group: 'billing' })) ?? 0
  for (let minute = -30; minute <= 0; minute++) {
    const values = Float64Array.of(200 + minute)
    store.append({ timeMs: clock.now() + minute * 60_000, series: [number], values })
  }
  const url = 'http://console.example'
  const platform = { disk, clock, timers, random: seededRandom(1), logger: silentLogger }
  const pipeline = await openAlerts(
    { directory: 'm', externalUrl: url, environment: {}, storedSecrets: () => undefined },
    platform,
    config,
    {
      onDelivery: () => {},
      onOperation: () => {},
      chartOf: createAlertCharts({ source: storeChartSource(store, clock), clock }),
    },
  )
  const rules = new RuleManager({
    intervalMs: 15_000,
    context: { externalUrl: url, externalLabels: {} },
    storage: storeRuleStorage(store, clock),
    ...{ clock, timers },
    onAlerts: (rule, alerts, validUntilMs) => {
      void tellAlerts(pipeline, { rule, alerts, validUntilMs }, url, silentLogger)
    },
  })
  rules.replace(parseRuleFile(RULES, 'own.yml'))
  await time.advance(20_000)
  const text = await mail.promise
  rules.stop()
  await pipeline.stop()
  await new Promise<void>((resolve) => server.close(() => resolve()))
  const decoded = text.replace(/=\r\n/g, '').replaceAll('=3D', '=')
  const cid = /^Content-ID: <([^>]+)>/im.exec(text)?.[1]
  expect(text).toMatch(/^Content-Type: image\/png; name=/m)
  expect(text).toMatch(/^Content-Disposition: inline/m)
  expect(text).toContain(`\r\n${PNG_IN_BASE64}`)
  expect(decoded).toContain(`<img src="cid:${cid}" alt="Chart of lag, threshold 100, from `)
  expect(decoded).toContain(`<a href="${url}/runbooks/Behind">`)
  expect(decoded).toContain(`<a href="${url}/graph?g0.expr=lag`)
  expect(decoded).toContain(`<a href="${url}/alerts/`)
})
