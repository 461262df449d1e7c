import { describe, expect, it } from 'vitest'
import { formatAlertmanagerYaml } from './alertmanager-yaml.ts'
import { parseAlertingConfig } from './parse-config.ts'
import { AlertingConfigError } from './yaml-reader.ts'

const FULL = `
global:
  resolve_timeout: 3m
  smtp_smarthost: mail.example:587
  smtp_from: Glasslog <alerts@example.com>
  smtp_auth_username: alerts
  smtp_auth_password_file: /run/secrets/smtp
  slack_api_url_env: SLACK_URL
severities:
- { name: page, color: '#ff0000', pagerduty: critical, urgent: true }
- { name: note }
route:
  receiver: mail
  group_by: [alertname, cluster]
  routes:
  - matchers: ['severity = "page"', '"a b" =~ x|y']
    receiver: pager
    group_wait: 0s
    continue: true
    repeat_interval: 1h
    repeat_backoff: 2
    repeat_max: 8h
    escalation: [{ after: 20m, receiver: chat }, { after: 10m, receiver: mail }]
    routes:
    - match: { team: storage }
      group_by: ['...']
      active_time_intervals: [office]
  - match_re: { team: net.* }
    mute_time_intervals: [office]
  - matchers: ['severity = "page"', '"a b" =~ x|y']
time_intervals:
- name: office
  time_intervals:
  - { weekdays: ['monday:friday'], times: [{ start_time: '09:00', end_time: '17:00' }], location: Europe/Berlin }
inhibit_rules:
- { source_matchers: [severity=page], target_matchers: ['severity=~".+"'], equal: [cluster] }
receivers:
- { name: mail, email_configs: [{ to: 'a@example.com, B <b@example.com>' }] }
- name: pager
  pagerduty_configs: [{ routing_key_env: PD_KEY }]
  webhook_configs: [{ url: 'https://hooks.example/x', signing_secret_file: /run/secrets/hook, max_alerts: 10 }]
- name: chat
  slack_configs: [{ channel: '#ops' }]
  http_configs:
  - url: https://api.telegram.org/bot\${token}/sendMessage
    secrets: { token: { env: BOT_TOKEN } }
    body: '{"chat_id": 1, "text": "{{ .Status }}"}'
tickets: { webhook: { url: 'http://tickets.example/in' } }
alertmanagers: [{ url: 'http://am.example:9093/' }]
`

describe('a configuration', () => {
  it('is read with all that it inherits', () => {
    const config = parseAlertingConfig(FULL)
    expect(config.resolveTimeoutMs).toBe(180_000)
    const [page, net, again] = config.route.routes
    expect(page).toMatchObject({
      key: '{}/{severity="page","a b"=~"x|y"}',
      receiver: 'pager',
      groupBy: ['alertname', 'cluster'],
      groupWaitMs: 0,
      groupIntervalMs: 300_000,
      repeatIntervalMs: 3_600_000,
      repeatMaxMs: 8 * 3_600_000,
    })
    expect(page?.escalation).toEqual([
      { afterMs: 600_000, receiver: 'mail' },
      { afterMs: 1_200_000, receiver: 'chat' },
    ])
    expect(page?.routes[0]).toMatchObject({ receiver: 'pager', groupBy: 'all', groupWaitMs: 0 })
    expect(page?.routes[0]?.activeTimeIntervals).toEqual(['office'])
    expect(net?.receiver).toBe('mail')
    expect(again?.key).toBe('{}/{severity="page","a b"=~"x|y"}#2')
    expect(config.receivers.get('mail')?.integrations).toMatchObject([
      {
        kind: 'email',
        to: ['a@example.com', 'B <b@example.com>'],
        smarthost: { host: 'mail.example', port: 587 },
        auth: { username: 'alerts', password: { kind: 'file', path: '/run/secrets/smtp' } },
        sendResolved: true,
        requireTls: true,
      },
    ])
    expect(config.receivers.get('chat')?.integrations).toMatchObject([
      { kind: 'slack', url: { kind: 'secret', secret: { name: 'SLACK_URL' } } },
      { kind: 'http', secrets: { token: { kind: 'environment', name: 'BOT_TOKEN' } } },
    ])
    expect(config.severities.map(({ name }) => name)).toEqual(['page', 'note'])
    expect(config.alertmanagers[0]?.url).toBe('http://am.example:9093')
  })

  it('is shown in the part that Alertmanager knows, and that part is read as it was', () => {
    const config = parseAlertingConfig(FULL)
    const text = formatAlertmanagerYaml(config)
    expect(text).not.toContain('secrets')
    const again = parseAlertingConfig(text)
    expect(formatAlertmanagerYaml(again)).toBe(text)
    expect(again.timeIntervals).toEqual(config.timeIntervals)
  })

  it.each([
    ['', '1:1: must be a map of keys'],
    ['route: [', '1:9: '],
    ['receivers: [{ name: r }]', '1:1: needs a route: alerts would go nowhere'],
    ['route: {}\nreceivers: []', '1:8: route: the root route needs a receiver: a route to nowhere'],
    [
      'route: { receiver: r, routes: [{ receiver: nobody }] }\nreceivers: [{ name: r }]',
      '1:44: route.routes[0].receiver: a route to nowhere: there is no receiver "nobody"',
    ],
    ['route: { receiver: r, matchers: [a=b] }\nreceivers: [{ name: r }]', 'takes every alert'],
    [
      'route: { receiver: r, grup_by: [a] }\nreceivers: [{ name: r }]',
      '1:23: route.grup_by: unknown key',
    ],
    ['route: { receiver: r, group_wait: 5 }\nreceivers: [{ name: r }]', 'not a duration: "5"'],
    ["route: { receiver: r, group_by: [a, '...'] }\nreceivers: [{ name: r }]", 'must stand alone'],
    ['route: { receiver: r, group_interval: 0s }\nreceivers: [{ name: r }]', 'is too short'],
    [
      'route: { receiver: r, routes: [{ matchers: [\'a=~"("\'] }] }\nreceivers: [{ name: r }]',
      'route.routes[0].matchers: not a regular expression',
    ],
    [
      'route: { receiver: r, routes: [{ mute_time_intervals: [x] }] }\nreceivers: [{ name: r }]',
      'there is no time interval "x"',
    ],
    [
      'route: { receiver: r }\nreceivers: [{ name: r }, { name: r }]',
      '2:34: receivers[1].name: "r" is there twice',
    ],
    [receiver("webhook_configs: [{ url: 'ftp://x/' }]"), 'not an address of a server: ftp://x'],
    [receiver("webhook_configs: [{ url: 'http://a b/' }]"), 'not an address of a server'],
    [receiver("webhook_configs: [{ url: 'http://me:pass@x/' }]"), 'must not contain a password'],
    [receiver('webhook_configs: [{}]'), 'needs url, url_file or url_env'],
    [
      receiver('webhook_configs: [{ url: http://x/, signing_secret: abc }]'),
      'use signing_secret_file or',
    ],
    [
      receiver('email_configs: [{ to: nobody, from: a@b, smarthost: "h:25" }]'),
      'not an address: "nobody"',
    ],
    [
      receiver('email_configs: [{ to: a@b, from: a@b, smarthost: "bad host:25" }]'),
      'not HOST:PORT',
    ],
    [receiver('email_configs: [{ to: a@b }]'), 'needs smarthost'],
    [receiver('slack_configs: [{ api_url: http://x/ }]'), 'a secret does not belong here'],
    [receiver('pagerduty_configs: [{}]'), 'needs routing_key_file or routing_key_env'],
    [
      receiver(`http_configs: [{ url: 'http://x/', body: '\${missing}' }]`),
      'there is no secret "missing"',
    ],
    [receiver("http_configs: [{ url: 'http://x/', body: 'BROKEN' }]"), 'body: bad template'],
    [receiver('exec_configs: [{ command: rm }]'), 'unknown key'],
  ])('is refused: %s', (text, message) => {
    const parse = () =>
      parseAlertingConfig(text, (template) => (template === 'BROKEN' ? 'bad template' : null))
    expect(parse).toThrow(AlertingConfigError)
    expect(parse).toThrow(message)
  })

  it('is refused with all faults at once', () => {
    try {
      parseAlertingConfig(
        'route: { receiver: x, foo: 1 }\nreceivers: [{ name: r, bar: 2 }]\nbaz: 3',
      )
      expect.unreachable()
    } catch (error) {
      expect((error as AlertingConfigError).faults.map(({ path }) => path)).toEqual([
        'receivers[0].bar',
        'route.receiver',
        'route.foo',
        'baz',
      ])
    }
  })

  it('is bounded where it refers to itself', () => {
    expect(() =>
      parseAlertingConfig('route: &r { receiver: x, routes: [*r] }\nreceivers: [{ name: x }]'),
    ).toThrow('too deep')
  })
})

function receiver(integrations: string): string {
  return `route: { receiver: r }\nreceivers: [{ name: r, ${integrations} }]`
}
