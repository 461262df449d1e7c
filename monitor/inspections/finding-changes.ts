import type { Finding } from './finding.ts'

/** What inspections saw this time; states are decided here. */
export type SeenFinding = Omit<
  Finding,
  | 'state'
  | 'firstSeenAtMs'
  | 'lastSeenAtMs'
  | 'raisedAtMs'
  | 'raises'
  | 'mutedUntilMs'
  | 'mutedBy'
  | 'fixedAtMs'
  | 'fixedBy'
>

const DAY_MS = 86_400_000
export const MUTE_MS = 30 * DAY_MS
/** What stays open that long, or was called fixed that long ago and is still there, is raised again. */
export const RERAISE_MS = 7 * DAY_MS
/** Findings that were fixed are kept so long. */
export const FIXED_KEPT_MS = 30 * DAY_MS

/** What becomes of a finding that was seen again, or for the first time. */
export function seen(before: Finding | null, now: SeenFinding, atMs: number): Finding {
  if (before === null) {
    return {
      ...now,
      ...{ state: 'open', firstSeenAtMs: atMs, lastSeenAtMs: atMs, raisedAtMs: atMs, raises: 1 },
      ...{ mutedUntilMs: null, mutedBy: null, fixedAtMs: null, fixedBy: null },
    }
  }
  const after: Finding = { ...before, ...now, lastSeenAtMs: atMs }
  switch (before.state) {
    case 'muted':
      return (before.mutedUntilMs ?? 0) > atMs ? after : raised(after, atMs)
    case 'fixed':
      // What comes and goes stays muted for as long as somebody has said.
      if ((before.mutedUntilMs ?? 0) > atMs)
        return { ...after, state: 'muted', fixedAtMs: null, fixedBy: null }
      // Who says that it is fixed gets the time until its effect shows.
      return before.fixedBy !== null && atMs - (before.fixedAtMs ?? 0) < RERAISE_MS
        ? after
        : raised(after, atMs)
    case 'open':
      return atMs - before.raisedAtMs < RERAISE_MS ? after : raised(after, atMs)
    default:
      return before.state satisfies never
  }
}

/** What becomes of a finding that was not seen any more; null once it is forgotten. */
export function notSeen(before: Finding, atMs: number): Finding | null {
  if (before.state !== 'fixed') return { ...before, state: 'fixed', fixedAtMs: atMs, fixedBy: null }
  return atMs - (before.fixedAtMs ?? 0) < FIXED_KEPT_MS ? before : null
}

export function muted(before: Finding, by: string, untilMs: number): Finding {
  return {
    ...before,
    ...{ state: 'muted', mutedUntilMs: untilMs, mutedBy: by, fixedAtMs: null, fixedBy: null },
  }
}

export function unmuted(before: Finding): Finding {
  return { ...before, state: 'open', mutedUntilMs: null, mutedBy: null }
}

/** Who says so wants to hear of it again when it is not. */
export function declaredFixed(before: Finding, by: string, atMs: number): Finding {
  return { ...unmuted(before), state: 'fixed', fixedAtMs: atMs, fixedBy: by }
}

function raised(finding: Finding, atMs: number): Finding {
  return {
    ...finding,
    ...{ state: 'open', raisedAtMs: atMs, raises: finding.raises + 1 },
    ...{ mutedUntilMs: null, mutedBy: null, fixedAtMs: null, fixedBy: null },
  }
}
