import type { CallFate, DiskCall } from '../../../kit/testing.ts'
import { MUTATING_CALLS } from '../../../kit/testing.ts'

/** Where a process ends. */
export interface StopPoint {
  /** Number of the disk call. */
  readonly call: number
  readonly when: 'before' | 'during' | 'after'
}

export const PROCEED: CallFate = { kind: 'proceed' }

export type Plan = (call: DiskCall) => CallFate

export function stopAt(stop: StopPoint): Plan {
  return ({ number }) => (number === stop.call ? { kind: 'stop', when: stop.when } : PROCEED)
}

/**
 * With even seeds calls take their time, so that many are under way at once, the journal's most of
 * all, so that everything else can overtake it; with odd ones none does.
 */
export function paced(seed: number, plan: Plan): Plan {
  if (seed % 2 === 1) return plan
  return (call) => {
    const fate = plan(call)
    if (fate.kind !== 'proceed') return fate
    const slowness = call.path.includes('/journal/') ? 4 : 1
    const delayMs = slowness * (Math.imul(call.number + seed, 0x9e3779b1) >>> 28)
    return { kind: 'proceed', delayMs }
  }
}

/** Every point at which ending the process may leave something that no other point leaves. */
export function stopPointsOf(calls: readonly DiskCall[]): StopPoint[] {
  return calls
    .filter((call) => MUTATING_CALLS.has(call.kind))
    .flatMap(({ number, kind }) => {
      const isDivisible = kind === 'write' || kind === 'remove'
      const before = { call: number, when: 'before' } as const
      return isDivisible ? [before, { call: number, when: 'during' }] : [before]
    })
}

/** Notes every call, and lets it proceed. */
export function recorder(calls: DiskCall[]): Plan {
  return (call) => {
    calls.push(call)
    return PROCEED
  }
}
