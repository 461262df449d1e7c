import { expect, it } from 'vitest'
import { notificationTemplateFault, renderNotification } from './notification-template.ts'

const alert = (status: string, topic: string) => ({
  Status: status,
  Labels: { topic },
  Annotations: { summary: `${topic} is late` },
  StartsAt: '2026-01-01T00:00:00Z',
  EndsAt: '0001-01-01T00:00:00Z',
  GeneratorURL: 'http://monitor/graph',
  Fingerprint: 'ab',
})
const DATA = {
  Receiver: 'ops',
  Status: 'firing',
  Alerts: [alert('firing', 'a'), alert('resolved', 'b')],
  GroupLabels: { alertname: 'Lag' },
  CommonLabels: { alertname: 'Lag', severity: 'page' },
  CommonAnnotations: {},
  ExternalURL: 'http://monitor',
}

it.each([
  [
    '[{{ .Status | toUpper }}:{{ .Alerts.Firing | len }}] {{ .CommonLabels.alertname }}',
    '[FIRING:1] Lag',
  ],
  [
    '{{ range .Alerts }}{{ .Labels.topic }}: {{ .Annotations.summary }}; {{ end }}',
    'a: a is late; b: b is late; ',
  ],
  [
    '{{ range .CommonLabels.SortedPairs }}{{ .Name }}={{ .Value }} {{ end }}',
    'alertname=Lag severity=page ',
  ],
  ['{{ .GroupLabels.Values | join "," }} {{ .CommonLabels.missing }}|', 'Lag |'],
  ['{{ .CommonLabels | toJson }}', '{"alertname":"Lag","severity":"page"}'],
])('%s', (template, text) => {
  expect(notificationTemplateFault(template)).toBeNull()
  expect(renderNotification(template, DATA)).toBe(text)
})

it('says why a template cannot be used', () => {
  expect(notificationTemplateFault('{{ nothing }}')).toBe('function "nothing" not defined')
})
