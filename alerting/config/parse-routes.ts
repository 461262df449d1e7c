import { formatMatchers, Matcher, MatcherError } from '../routing/matcher.ts'
import { parseMatchers } from '../routing/parse-matchers.ts'
import type { EscalationStep, InhibitRule, Route } from './config.ts'
import type { MapReader } from './yaml-reader.ts'
import { shown } from './yaml-reader.ts'

/** What routes may name; a name that is not there is a fault where it stands. */
export interface KnownNames {
  readonly receivers: ReadonlySet<string>
  readonly timeIntervals: ReadonlySet<string>
}

const HOUR_MS = 3_600_000
const MAX_ROUTES = 5_000

/** Alertmanager's defaults. */
const ROOT: Route = {
  key: '',
  receiver: '',
  matchers: [],
  continue: false,
  groupBy: [],
  groupWaitMs: 30_000,
  groupIntervalMs: 5 * 60_000,
  repeatIntervalMs: 4 * HOUR_MS,
  repeatBackoff: 1,
  repeatMaxMs: 24 * HOUR_MS,
  muteTimeIntervals: [],
  activeTimeIntervals: [],
  escalation: [],
  routes: [],
}

/** The tree, each route with what it inherits. */
export function readRootRoute(map: MapReader, known: KnownNames): Route {
  for (const name of ['matchers', 'match', 'match_re']) {
    if (map.has(name)) map.fault(name, 'the root route takes every alert and must have no matchers')
  }
  for (const name of ['mute_time_intervals', 'active_time_intervals']) {
    if (map.has(name)) map.fault(name, 'the root route must have no time intervals')
  }
  if (map.has('continue') && map.boolean('continue', false))
    map.fault('continue', 'nothing comes after the root route')
  if (!map.has('receiver')) map.fault(null, 'the root route needs a receiver: a route to nowhere')
  return readRoute(map, ROOT, known, new Set())
}

function readRoute(map: MapReader, parent: Route, known: KnownNames, keys: Set<string>): Route {
  const receiver = map.text('receiver') ?? parent.receiver
  if (map.has('receiver') && !known.receivers.has(receiver))
    map.fault('receiver', `a route to nowhere: there is no receiver ${shown(receiver)}`)
  const matchers = readMatchers(map, ['matchers', 'match', 'match_re'])
  const route: Route = {
    key: uniqueKey(parent === ROOT ? '{}' : `${parent.key}/${formatMatchers(matchers)}`, keys),
    receiver,
    matchers,
    continue: map.boolean('continue', false),
    groupBy: readGroupBy(map, parent.groupBy),
    groupWaitMs: map.durationMs('group_wait', parent.groupWaitMs),
    groupIntervalMs: map.durationMs('group_interval', parent.groupIntervalMs, 1),
    repeatIntervalMs: map.durationMs('repeat_interval', parent.repeatIntervalMs, 1),
    repeatBackoff: map.number('repeat_backoff', parent.repeatBackoff, 1, 10),
    repeatMaxMs: map.durationMs('repeat_max', parent.repeatMaxMs, 1),
    muteTimeIntervals: intervalNames(map, 'mute_time_intervals', known),
    activeTimeIntervals: intervalNames(map, 'active_time_intervals', known),
    escalation: map.has('escalation') ? readEscalation(map, known) : parent.escalation,
    routes: [],
  }
  const routes = map.maps('routes', (child) => {
    if (keys.size < MAX_ROUTES) return readRoute(child, route, known, keys)
    child.fault(null, `more than ${MAX_ROUTES} routes`)
    return null
  })
  return { ...route, routes }
}

/** Groups are kept by the key of their route, so two routes with the same matchers must not share one. */
function uniqueKey(key: string, taken: Set<string>): string {
  let unique = key
  for (let number = 2; taken.has(unique); number++) unique = `${key}#${number}`
  taken.add(unique)
  return unique
}

function readGroupBy(map: MapReader, inherited: Route['groupBy']): Route['groupBy'] {
  if (!map.has('group_by')) return inherited
  const labels = map.texts('group_by')
  if (labels.includes('...')) {
    if (labels.length > 1) map.fault('group_by', '... stands for all labels and must stand alone')
    return 'all'
  }
  if (new Set(labels).size < labels.length) map.fault('group_by', 'a label is there twice')
  if (labels.includes('')) map.fault('group_by', 'a label must have a name')
  return labels
}

function intervalNames(map: MapReader, name: string, known: KnownNames): string[] {
  const names = map.texts(name)
  for (const one of names) {
    if (!known.timeIntervals.has(one)) map.fault(name, `there is no time interval ${shown(one)}`)
  }
  return names
}

function readEscalation(map: MapReader, known: KnownNames): EscalationStep[] {
  const steps = map.maps('escalation', (step) => {
    const receiver = step.requiredText('receiver')
    if (receiver !== '' && !known.receivers.has(receiver))
      step.fault('receiver', `there is no receiver ${shown(receiver)}`)
    if (!step.has('after')) step.fault(null, 'after is missing')
    return { afterMs: step.durationMs('after', 0, 1), receiver }
  })
  return steps.sort((a, b) => a.afterMs - b.afterMs)
}

export function readInhibitRule(map: MapReader): InhibitRule {
  const source = readMatchers(map, ['source_matchers', 'source_match', 'source_match_re'])
  const target = readMatchers(map, ['target_matchers', 'target_match', 'target_match_re'])
  map.text('name')
  return { source, target, equal: map.texts('equal') }
}

/** A list of matchers, and the two maps that were there before it. */
function readMatchers(
  map: MapReader,
  [list, equal, regex]: readonly [list: string, equal: string, regex: string],
): Matcher[] {
  const attempt = (name: string, make: () => Matcher[]): Matcher[] => {
    try {
      return make()
    } catch (error) {
      if (!(error instanceof MatcherError)) throw error
      map.fault(name, error.message)
      return []
    }
  }
  const pairs = (name: string, operator: '=' | '=~') =>
    Object.entries(map.record(name)).flatMap(([label, value]) =>
      attempt(name, () => [new Matcher(label, operator, value)]),
    )
  return [
    ...map.texts(list).flatMap((text) => attempt(list, () => parseMatchers(text))),
    ...pairs(equal, '='),
    ...pairs(regex, '=~'),
  ]
}
