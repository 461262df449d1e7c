import type { Json, JsonObject } from '../../../audit/index.ts'
import type { Shape } from './document-shape.ts'
import {
  anyText,
  boolean,
  documentFault,
  duration,
  isList,
  isObject,
  listOf,
  mapOf,
  matching,
  numberFrom,
  objectOf,
  oneOf,
  text,
} from './document-shape.ts'

/** Where alerts may always go: nobody is told, they are shown. */
export const CONSOLE_RECEIVER = 'console'

const MAX_POLICY_BYTES = 200 * 1024
const MAX_ROUTES = 1_000
const MAX_DEPTH = 20
const MAX_RULES = 1_000
const MAX_NAMES = 100

const names = listOf(text(256), MAX_NAMES)
const matchers = listOf(text(4_096), MAX_NAMES)
const pairs = mapOf(anyText(4_096))

const step = objectOf({ after: duration, receiver: text(256) }, ['after', 'receiver'])

const inheritedMembers = {
  receiver: text(256),
  group_by: names,
  group_wait: duration,
  group_interval: duration,
  repeat_interval: duration,
  repeat_backoff: numberFrom(1, 10, false),
  repeat_max: duration,
  escalation: listOf(step, MAX_NAMES),
}

/** A route of this depth; bounded, so that looking at it is. */
function routeOf(depth: number): Shape {
  const tooDeep: Shape = (_, path) => `${path} is more than ${MAX_DEPTH} routes deep`
  const below: Shape = depth < MAX_DEPTH ? (one, path) => routeOf(depth + 1)(one, path) : tooDeep
  const routes = listOf(below, MAX_ROUTES)
  if (depth === 0) return objectOf({ ...inheritedMembers, routes }, ['receiver'])
  return objectOf({
    ...inheritedMembers,
    routes,
    matchers,
    match: pairs,
    match_re: pairs,
    continue: boolean,
    mute_time_intervals: names,
    active_time_intervals: names,
  })
}

const inhibitRule = objectOf({
  name: text(256),
  source_matchers: matchers,
  source_match: pairs,
  source_match_re: pairs,
  target_matchers: matchers,
  target_match: pairs,
  target_match_re: pairs,
  equal: names,
})

const timeOfDay = matching(/^([01]\d|2[0-4]):[0-5]\d$/, 'a time of day such as 09:30')
/** Ranges may be numbers where they are single ones. */
const ranges = listOf((value, path) => {
  if (typeof value === 'number') return numberFrom(-31, 9_999)(value, path)
  return text(64)(value, path)
}, MAX_NAMES)

const timeInterval = objectOf({
  times: listOf(
    objectOf({ start_time: timeOfDay, end_time: timeOfDay }, ['start_time', 'end_time']),
    MAX_NAMES,
  ),
  weekdays: ranges,
  days_of_month: ranges,
  months: ranges,
  years: ranges,
  location: text(64),
})

const severity = objectOf(
  {
    name: text(64),
    color: matching(/^#[0-9a-fA-F]{6}$/, 'a color such as #c4162a'),
    pagerduty: oneOf('critical', 'error', 'warning', 'info'),
    urgent: boolean,
  },
  ['name'],
)

const policy = objectOf(
  {
    resolve_timeout: duration,
    route: routeOf(0),
    inhibit_rules: listOf(inhibitRule, MAX_RULES),
    time_intervals: listOf(
      objectOf({ name: text(256), time_intervals: listOf(timeInterval, MAX_NAMES) }, [
        'name',
        'time_intervals',
      ]),
      MAX_NAMES,
    ),
    severities: listOf(severity, MAX_NAMES),
  },
  ['route'],
)

/**
 * What is wrong with a policy, or null. It is the routing tree in the terms of Alertmanager's file,
 * with what belongs to it, and holds no addresses and no secrets: those are of contact points.
 */
export function notificationPolicyFault(
  given: JsonObject,
  isReceiver: (name: string) => boolean,
): string | null {
  const fault = documentFault(given, MAX_POLICY_BYTES, 'a notification policy') ?? policy(given, '')
  if (fault !== null) return fault
  const intervals = new Set(
    listIn(given, 'time_intervals').flatMap((one) => (isObject(one) ? textIn(one, 'name') : [])),
  )
  let routes = 0
  for (const { route, path } of routesOf(given)) {
    if (++routes > MAX_ROUTES) return `route has more than ${MAX_ROUTES} routes`
    const nowhere = receiversOf(route).find((name) => !isReceiver(name))
    if (nowhere !== undefined) return `${path} leads nowhere: there is no contact point ${nowhere}`
    const unknown = [
      ...listIn(route, 'mute_time_intervals'),
      ...listIn(route, 'active_time_intervals'),
    ].find((name) => !intervals.has(String(name)))
    if (unknown !== undefined) return `${path} names a time interval that is not there: ${unknown}`
  }
  return null
}

/** Names of all contact points that a policy tells. */
export function receiversIn(given: JsonObject): ReadonlySet<string> {
  return new Set([...routesOf(given)].flatMap(({ route }) => receiversOf(route)))
}

function receiversOf(route: JsonObject): readonly string[] {
  const steps = listIn(route, 'escalation').flatMap((one) => (isObject(one) ? [one] : []))
  return [route, ...steps].flatMap((one) => textIn(one, 'receiver'))
}

function* routesOf(
  given: JsonObject,
): Generator<{ readonly route: JsonObject; readonly path: string }> {
  const waiting = isObject(given.route) ? [{ route: given.route, path: 'route' }] : []
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    yield next
    const { route, path } = next
    for (const [index, child] of listIn(route, 'routes').entries()) {
      if (isObject(child)) waiting.push({ route: child, path: `${path}.routes[${index}]` })
    }
  }
}

function listIn(object: JsonObject, name: string): readonly Json[] {
  const value = object[name]
  return isList(value) ? value : []
}

function textIn(object: JsonObject, name: string): readonly string[] {
  const value = object[name]
  return typeof value === 'string' ? [value] : []
}
