import { stringify } from 'yaml'
import { formatDuration } from '../routing/duration.ts'
import type { Range, TimeInterval } from '../routing/time-interval.ts'
import type { AlertingConfig, Route } from './config.ts'

/**
 * The part of a configuration that Alertmanager knows, for `config.original` of its API: what
 * `amtool config routes` draws and tests. Contact points are there by name alone, so it holds nothing
 * that is secret; what is ours only is left out, because Alertmanager's reader refuses unknown keys.
 */
export function formatAlertmanagerYaml(config: AlertingConfig): string {
  const document = {
    global: { resolve_timeout: formatDuration(config.resolveTimeoutMs) },
    route: routeOf(config.route, true),
    inhibit_rules: config.inhibitRules.map(({ source, target, equal }) => ({
      source_matchers: source.map(String),
      target_matchers: target.map(String),
      equal,
    })),
    receivers: [...config.receivers.keys()].map((name) => ({ name })),
    time_intervals: [...config.timeIntervals].map(([name, intervals]) => ({
      name,
      time_intervals: intervals.map(intervalOf),
    })),
  }
  return stringify(document, { aliasDuplicateObjects: false })
}

function routeOf(route: Route, isRoot: boolean): object {
  const names = (key: string, list: readonly string[]) => (list.length > 0 ? { [key]: list } : {})
  return {
    receiver: route.receiver,
    group_by: route.groupBy === 'all' ? ['...'] : route.groupBy,
    ...(isRoot ? {} : names('matchers', route.matchers.map(String))),
    ...names('mute_time_intervals', route.muteTimeIntervals),
    ...names('active_time_intervals', route.activeTimeIntervals),
    ...(isRoot ? {} : { continue: route.continue }),
    group_wait: formatDuration(route.groupWaitMs),
    group_interval: formatDuration(route.groupIntervalMs),
    repeat_interval: formatDuration(route.repeatIntervalMs),
    routes: route.routes.map((child) => routeOf(child, false)),
  }
}

function intervalOf(interval: TimeInterval): object {
  const weekday = (day: number) =>
    ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'][day] ?? ''
  const list = (key: string, ranges: readonly Range[] | null, show: (value: number) => string) =>
    ranges ? { [key]: ranges.map(({ from, to }) => `${show(from)}:${show(to)}`) } : {}
  const times = interval.times?.map(({ from, to }) => ({
    start_time: timeOfDay(from),
    end_time: timeOfDay(to),
  }))
  return {
    ...(times ? { times } : {}),
    ...list('weekdays', interval.weekdays, weekday),
    ...list('days_of_month', interval.daysOfMonth, String),
    ...list('months', interval.months, String),
    ...list('years', interval.years, String),
    location: interval.location,
  }
}

function timeOfDay(minute: number): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`
}
