import type { JsonObject } from '../../../audit/index.ts'
import type { RuleGroup } from '../../../broker/control/index.ts'
import type { Generator } from './attempt.ts'
import { pick, rarely } from './choices.ts'
import { attemptOf } from './http-attempts.ts'

/** What people do over HTTP about what the monitor goes by. */

const GROUPS = ['lag', 'disk'] as const
export const CONTACT_POINTS = ['on-call', 'mail'] as const
/** The name of the one secret that contact points have here. */
export const SECRET_NAME = 'hook'

const putRules: Generator = (context) => {
  const { random, mark } = context
  const name = pick(random, GROUPS)
  const rule: JsonObject = rarely(random, 6)
    ? { record: 'a:b', alert: 'Both', expr: 'sum(a)' }
    : { alert: `Alert of ${mark}`, expr: `lag > ${random.below(100)}`, for: '5m' }
  const content = { rules: rarely(random, 3) ? [] : [rule] }
  const group: RuleGroup = { name, ...content }
  return attemptOf(context, {
    ...{ target: `PUT /v1/rules/${name}`, body: content },
    commands: [{ kind: 'rule.put', group }],
  })
}

const deleteRules: Generator = (context) => {
  const name = pick(context.random, GROUPS)
  return attemptOf(context, {
    target: `DELETE /v1/rules/${name}`,
    commands: [{ kind: 'rule.delete', name }],
  })
}

const SETTINGS: readonly JsonObject[] = [
  {},
  { webhook_configs: [{ url: 'https://example.com/hook' }] },
  { webhook_configs: [{ url_secret: SECRET_NAME }] },
  { webhook_configs: [{ url_secret: SECRET_NAME, max_alerts: 5 }] },
  { webhook_configs: [{ url_file: '/etc/passwd' }] },
]

const putContactPoint: Generator = (context) => {
  const { random, mark, secrets: known } = context
  const name = pick(random, CONTACT_POINTS)
  const settings = pick(random, SETTINGS)
  const secret = `https://example.com/secret-of-${mark}`
  const secrets = rarely(random, 2) ? { [SECRET_NAME]: secret } : {}
  known.add(secret)
  return attemptOf(context, {
    ...{ target: `PUT /v1/contact-points/${name}`, body: { settings, secrets } },
    commands: [{ kind: 'contact-point.put', name, settings, secrets }],
  })
}

const deleteContactPoint: Generator = (context) => {
  const name = pick(context.random, CONTACT_POINTS)
  return attemptOf(context, {
    target: `DELETE /v1/contact-points/${name}`,
    commands: [{ kind: 'contact-point.delete', name }],
  })
}

const putPolicy: Generator = (context) => {
  const receiver = pick(context.random, ['console', 'console', ...CONTACT_POINTS])
  const policy = { route: { receiver: 'console', routes: [{ receiver }] } }
  return attemptOf(context, {
    ...{ target: 'PUT /v1/notification-policy', body: { policy } },
    commands: [{ kind: 'notification-policy.put', policy }],
  })
}

const removePolicy: Generator = (context) =>
  attemptOf(context, {
    target: 'DELETE /v1/notification-policy',
    commands: [{ kind: 'notification-policy.put', policy: null }],
  })

export const ALARM_ATTEMPTS: readonly Generator[] = [
  ...[putRules, deleteRules, putContactPoint, deleteContactPoint, putPolicy, removePolicy],
]
