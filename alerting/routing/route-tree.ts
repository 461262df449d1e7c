import type { LabelSet } from '../alerts/label-set.ts'
import { formatLabels } from '../alerts/label-set.ts'
import type { Route } from '../config/config.ts'
import { matchesAll } from './matcher.ts'

/**
 * The routes that an alert takes: the deepest that match, the first of each level unless it says
 * `continue`. The root takes what nobody below it does, so there is always at least one.
 */
export function routesFor(root: Route, labels: LabelSet): Route[] {
  if (!matchesAll(root.matchers, labels)) return []
  const found: Route[] = []
  for (const child of root.routes) {
    const below = routesFor(child, labels)
    found.push(...below)
    if (below.length > 0 && !child.continue) break
  }
  return found.length > 0 ? found : [root]
}

/** The labels that all alerts of the group have, by the route's `group_by`. */
export function groupLabelsOf(route: Route, labels: LabelSet): LabelSet {
  if (route.groupBy === 'all') return labels
  return Object.fromEntries(
    route.groupBy
      .filter((name) => Object.hasOwn(labels, name))
      .map((name) => [name, labels[name] ?? '']),
  )
}

/** As Alertmanager makes it: `{}/{severity="critical"}:{alertname="BrokerDown"}`. */
export function groupKeyOf(route: Route, groupLabels: LabelSet): string {
  return `${route.key}:${formatLabels(groupLabels)}`
}
