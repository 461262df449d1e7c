import type { TimeInterval } from '../routing/time-interval.ts'
import type { AlertingConfig, ForwardTarget, Receiver, Severity } from './config.ts'
import { checkUrl, readOwnHttp } from './parse-http.ts'
import type { ReceiverDefaults } from './parse-receivers.ts'
import { readMirror, readReceiver, readReceiverDefaults } from './parse-receivers.ts'
import { readInhibitRule, readRootRoute } from './parse-routes.ts'
import { readTimeInterval } from './parse-time-intervals.ts'
import type { MapReader } from './yaml-reader.ts'
import { AlertingConfigError, shown, YamlReader } from './yaml-reader.ts'

const DEFAULT_RESOLVE_TIMEOUT_MS = 5 * 60_000
const MAX_INHIBIT_RULES = 1_000

export const DEFAULT_SEVERITIES: readonly Severity[] = [
  { name: 'critical', color: '#c4162a', pagerduty: 'critical', isUrgent: true },
  { name: 'error', color: '#e0542e', pagerduty: 'error', isUrgent: false },
  { name: 'warning', color: '#e0a12e', pagerduty: 'warning', isUrgent: false },
  { name: 'info', color: '#3274d9', pagerduty: 'info', isUrgent: false },
]

/**
 * Reads a configuration in Alertmanager's terms, with ours beside them (`severities`, `escalation`,
 * `repeat_backoff`, `http_configs`, `tickets`, `alertmanagers`). Throws an AlertingConfigError with
 * everything that is wrong. `checkTemplate` answers why a template cannot be used, or null.
 */
export function parseAlertingConfig(
  text: string,
  checkTemplate: (template: string) => string | null = () => null,
): AlertingConfig {
  const reader = new YamlReader(text)
  const root = reader.root()
  const config = root && readConfig(root, checkTemplate)
  root?.finish()
  if (config === null || reader.faults.length > 0) throw new AlertingConfigError(reader.faults)
  return config
}

function readConfig(
  root: MapReader,
  checkTemplate: ReceiverDefaults['checkTemplate'],
): AlertingConfig | null {
  const { resolveTimeoutMs, defaults } = root.map('global', (global) => ({
    resolveTimeoutMs:
      global?.durationMs('resolve_timeout', DEFAULT_RESOLVE_TIMEOUT_MS, 1_000) ??
      DEFAULT_RESOLVE_TIMEOUT_MS,
    defaults: readReceiverDefaults(global, checkTemplate),
  }))
  const receivers = readNamed<Receiver>(root, 'receivers', (map) => readReceiver(map, defaults))
  const timeIntervals = new Map(
    [
      ...readNamed(root, 'time_intervals', readIntervals),
      ...readNamed(root, 'mute_time_intervals', readIntervals),
    ].map(([name, { intervals }]) => [name, intervals]),
  )
  if (!root.has('route')) root.fault(null, 'needs a route: alerts would go nowhere')
  if (!root.has('receivers')) root.fault(null, 'needs receivers')
  const known = {
    receivers: new Set(receivers.keys()),
    timeIntervals: new Set(timeIntervals.keys()),
  }
  const route = root.map('route', (map) => map && readRootRoute(map, known))
  const inhibitRules = root.maps('inhibit_rules', readInhibitRule)
  if (inhibitRules.length > MAX_INHIBIT_RULES)
    root.fault('inhibit_rules', `more than ${MAX_INHIBIT_RULES} rules`)
  const severities = root.has('severities') ? readSeverities(root) : DEFAULT_SEVERITIES
  const mirror = root.map(
    'tickets',
    (tickets) => tickets?.map('webhook', (map) => map && readMirror(map, defaults)) ?? null,
  )
  const alertmanagers = root.maps('alertmanagers', (map) => readTarget(map, defaults))
  return (
    route && {
      resolveTimeoutMs,
      route,
      receivers,
      inhibitRules,
      timeIntervals,
      severities,
      tickets: { mirror },
      alertmanagers,
    }
  )
}

function readIntervals(map: MapReader): { name: string; intervals: TimeInterval[] } {
  const name = map.requiredText('name')
  return { name, intervals: map.maps('time_intervals', readTimeInterval) }
}

/** Items of a list by their names, each of which is there once. */
function readNamed<T extends { readonly name: string }>(
  root: MapReader,
  key: string,
  read: (map: MapReader) => T,
): Map<string, T> {
  const found = new Map<string, T>()
  root.maps(key, (map) => {
    const one = read(map)
    if (found.has(one.name)) map.fault('name', `${shown(one.name)} is there twice`)
    found.set(one.name, one)
    return one
  })
  return found
}

function readSeverities(root: MapReader): Severity[] {
  return [
    ...readNamed(root, 'severities', (map) => {
      const color = map.text('color') ?? '#808080'
      if (!/^#[0-9a-fA-F]{6}$/.test(color)) map.fault('color', `not a color: ${shown(color)}`)
      return {
        name: map.requiredText('name'),
        color,
        pagerduty: map.oneOf('pagerduty', ['critical', 'error', 'warning', 'info'], 'error'),
        isUrgent: map.boolean('urgent', false),
      }
    }).values(),
  ]
}

function readTarget(map: MapReader, defaults: ReceiverDefaults): ForwardTarget {
  const url = map.requiredText('url')
  if (url !== '') checkUrl(map, 'url', url)
  return {
    url: url.replace(/\/+$/, ''),
    http: readOwnHttp(map, defaults.http),
    timeoutMs: map.durationMs('timeout', 10_000, 1),
  }
}
