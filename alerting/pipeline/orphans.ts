import type { Fingerprint } from '../alerts/label-set.ts'
import type { Channel } from '../state/channel.ts'
import type { StateLog } from '../state/state-log.ts'

/** As long as Alertmanager's notification log remembers. */
const KEPT_MS = 120 * 3_600_000
const MAX_KEPT = 10_000

/**
 * Channels that the configuration in effect does not have, such as those of contact points that are kept elsewhere and
 * come a moment after the start. What they were told stays told, so that nobody hears it again once they are back; those
 * that nothing fires in any more, old ones and too many are forgotten. Answers the keys of those that are kept.
 */
export function rememberOrphans(
  log: StateLog,
  known: ReadonlySet<string>,
  nowMs: number,
): Set<string> {
  const usedAtMs = ({ toldAtMs, due }: Readonly<Channel>) => due?.sinceMs ?? toldAtMs ?? 0
  const orphans = [...log.state.channels.values()]
    .filter(({ key }) => !known.has(key))
    .sort((a, b) => usedAtMs(b) - usedAtMs(a))
  const kept = new Set(
    orphans
      .filter((channel) => !isEmpty(channel) && nowMs - usedAtMs(channel) < KEPT_MS)
      .slice(0, MAX_KEPT)
      .map(({ key }) => key),
  )
  const gone = orphans.map(({ key }) => key).filter((key) => !kept.has(key))
  if (gone.length > 0) log.apply({ kind: 'channels-gone', channels: gone })
  return kept
}

/** Alerts that are gone are another incident when they come again, for orphans too. */
export function settleOrphans(
  log: StateLog,
  orphans: Set<string>,
  gone: readonly Fingerprint[],
): void {
  for (const key of orphans) {
    const channel = log.state.channels.get(key)
    const settled = gone.filter((one) => channel?.firing.has(one) || channel?.owed.has(one))
    if (settled.length > 0) log.apply({ kind: 'settled', channel: key, fingerprints: settled })
    if (channel && !isEmpty(channel)) continue
    orphans.delete(key)
    if (channel) log.apply({ kind: 'channels-gone', channels: [key] })
  }
}

function isEmpty({ firing, owed }: Readonly<Channel>): boolean {
  return firing.size + owed.size === 0
}
