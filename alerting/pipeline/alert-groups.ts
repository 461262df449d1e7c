import type { Alert } from '../alerts/alert.ts'
import type { Fingerprint } from '../alerts/label-set.ts'
import type { Route } from '../config/config.ts'
import { groupKeyOf, groupLabelsOf, routesFor } from '../routing/route-tree.ts'
import type { Group } from './group.ts'

/** An alert that more routes want than that is told to the first of them. */
const MAX_GROUPS_PER_ALERT = 32

/** Which alerts belong together, by the routes that they take. */
export class AlertGroups {
  readonly #root: Route
  readonly #groups = new Map<string, Group>()
  readonly #byAlert = new Map<Fingerprint, readonly Group[]>()

  constructor(root: Route) {
    this.#root = root
  }

  get size(): number {
    return this.#groups.size
  }

  get(key: string): Group | undefined {
    return this.#groups.get(key)
  }

  all(): Iterable<Group> {
    return this.#groups.values()
  }

  of(fingerprint: Fingerprint): readonly Group[] {
    return this.#byAlert.get(fingerprint) ?? []
  }

  /** Puts an alert where it belongs; the groups that are new need a first look at some time. */
  add(alert: Alert, nowMs: number): void {
    if (this.#byAlert.has(alert.fingerprint)) return
    const routes = routesFor(this.#root, alert.labels).slice(0, MAX_GROUPS_PER_ALERT)
    const groups = new Set(routes.map((route) => this.#groupFor(route, alert, nowMs)))
    for (const group of groups) group.members.add(alert.fingerprint)
    this.#byAlert.set(alert.fingerprint, [...groups])
  }

  /** Takes an alert out of a group. True when no group has it any more. */
  leave(group: Group, fingerprint: Fingerprint): boolean {
    group.members.delete(fingerprint)
    const left = this.of(fingerprint).filter((one) => one !== group)
    if (left.length > 0) this.#byAlert.set(fingerprint, left)
    else this.#byAlert.delete(fingerprint)
    return left.length === 0
  }

  remove(group: Group): void {
    this.#groups.delete(group.key)
  }

  #groupFor(route: Route, alert: Alert, nowMs: number): Group {
    const labels = groupLabelsOf(route, alert.labels)
    const key = groupKeyOf(route, labels)
    const known = this.#groups.get(key)
    if (known) return known
    // An alert that has been firing for longer than the wait has had it already.
    const waitsFromMs =
      nowMs - alert.startsAtMs > route.groupWaitMs ? nowMs - route.groupWaitMs : nowMs
    const group: Group = {
      key,
      route,
      labels,
      members: new Set(),
      nextFlushAtMs: waitsFromMs + route.groupWaitMs,
    }
    this.#groups.set(key, group)
    return group
  }
}
