import { describe, expect, it } from 'vitest'
import type { AlertingConfig } from './config.ts'
import { parseAlertingConfig } from './parse-config.ts'
import type { StoredAlerting } from './stored-config.ts'
import { withStored } from './stored-config.ts'
import { AlertingConfigError } from './yaml-reader.ts'

const FILE = parseAlertingConfig(`
route: { receiver: team }
receivers:
- name: team
  webhook_configs: [{ url: 'http://127.0.0.1:1/' }]
alertmanagers: [{ url: 'http://127.0.0.1:2' }]
`)

const ON_CALL = {
  name: 'on-call',
  settings: {
    webhook_configs: [{ url_secret: 'hook', signing_secret_secret: 'sign' }],
    email_configs: [
      {
        ...{ to_secret: 'people', from: 'a@example.com', smarthost: 'mail.example.com:587' },
        ...{ auth_username: 'a', auth_password_secret: 'smtp' },
      },
    ],
    http_configs: [
      {
        // biome-ignore lint/suspicious/noTemplateCurlyInString: so it names a secret
        ...{ url: 'https://example.com/${token}', body: '{}' },
        secrets: { token: { secret: 'hook' } },
      },
    ],
  },
  secrets: { hook: 'https://hooks.example.com/x', sign: 's', people: 'b@example.com', smtp: 'p' },
}

function faultsOf(stored: StoredAlerting): string[] {
  try {
    withStored(FILE, stored)
    return []
  } catch (error) {
    if (!(error instanceof AlertingConfigError)) throw error
    return error.faults.map(({ path, message }) => `${path}: ${message}`)
  }
}

describe('contact points that are kept elsewhere', () => {
  const config: AlertingConfig = withStored(FILE, { contactPoints: [ON_CALL], policy: null })

  it('are there beside those of the file, whose routes stay', () => {
    expect([...config.receivers.keys()]).toEqual(['team', 'on-call'])
    expect(config.route.receiver).toBe('team')
  })

  it('refer to their own secrets, which are not in the configuration', () => {
    const stored = (name: string) => ({ kind: 'stored', contactPoint: 'on-call', name })
    expect(config.receivers.get('on-call')?.integrations).toMatchObject([
      {
        kind: 'email',
        to: ['b@example.com'],
        toSecret: 'people',
        auth: { password: stored('smtp') },
      },
      {
        ...{ kind: 'webhook', url: { kind: 'secret', secret: stored('hook') } },
        signingSecret: stored('sign'),
      },
      { kind: 'http', secrets: { token: stored('hook') } },
    ])
    expect(JSON.stringify([...config.receivers.values()])).not.toContain('hooks.example.com')
  })

  it('with a wrong mail address among secrets are refused without showing it', () => {
    const secrets = { ...ON_CALL.secrets, people: 'b at example.com' }
    expect(faultsOf({ contactPoints: [{ ...ON_CALL, secrets }], policy: null })).toEqual([
      'on-call: email_configs[0].to: not an address: in $people',
    ])
  })

  it('take the place of one of the file with the same name', () => {
    const team = { name: 'team', settings: {}, secrets: {} }
    const replaced = withStored(FILE, { contactPoints: [team], policy: null })
    expect(replaced.receivers.get('team')?.integrations).toEqual([])
  })

  it.each(['url_file', 'url_env'])('cannot name a %s of this machine', (key) => {
    const settings = { webhook_configs: [{ [key]: '/etc/passwd' }] }
    expect(
      faultsOf({ contactPoints: [{ name: 'x', settings, secrets: {} }], policy: null }),
    ).toContain(`x: webhook_configs[0].${key}: unknown key`)
  })
})

describe('a policy that is kept elsewhere', () => {
  it('takes the place of all routes; other Alertmanagers stay', () => {
    const policy = {
      resolve_timeout: '7m',
      route: {
        receiver: 'on-call',
        routes: [{ receiver: 'console', matchers: ['severity=info'] }],
      },
    }
    const config = withStored(FILE, { contactPoints: [ON_CALL], policy })
    expect([...config.receivers.keys()]).toEqual(['console', 'on-call'])
    expect(config.route).toMatchObject({ receiver: 'on-call', routes: [{ receiver: 'console' }] })
    expect(config.resolveTimeoutMs).toBe(7 * 60_000)
    expect(config.alertmanagers).toHaveLength(1)
  })

  it('with a route to nowhere is refused, with the place', () => {
    const policy = { route: { receiver: 'console', routes: [{ receiver: 'team' }] } }
    expect(faultsOf({ contactPoints: [], policy })).toEqual([
      expect.stringMatching(/^policy: route\.routes\[0\]\.receiver: .*team/),
    ])
  })
})
