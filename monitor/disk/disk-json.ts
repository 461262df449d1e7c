import type { DiskAction } from './action.ts'
import type { DiskKeeper, DiskLook } from './disk-keeper.ts'
import type { DiskForecast } from './forecast.ts'
import type { LadderDecision } from './ladder.ts'
import { describeStep } from './step.ts'
import { availableBytes, healthAt, isAtFloor, usedPercent } from './usage.ts'

/** `/v1/disk`: usage, forecast, policy, what is decided and what was done. */
export function diskJson(keeper: DiskKeeper, shownActions: number): object {
  const { look } = keeper
  const actions = keeper.actions.slice(0, shownActions).map(actionJson)
  if (look === null) {
    const nothing = { usage: null, forecast: null, policy: null, retention: null, decision: null }
    return { ...nothing, actions }
  }
  return {
    usage: usageJson(look),
    forecast: look.forecast && forecastJson(look.forecast),
    policy: look.policy,
    retention: look.retention,
    decision: decisionJson(look.decision),
    actions,
  }
}

function usageJson({ usage, atMs }: DiskLook): object {
  const percent = usedPercent(usage)
  return {
    observedAt: timeOf(atMs),
    ...usage,
    availableBytes: availableBytes(usage),
    usedPercent: Math.round(percent * 100) / 100,
    health: healthAt(percent),
    refusesRecords: isAtFloor(usage),
  }
}

function forecastJson({ fullAtMs, growthBytesPerDay, ...rest }: DiskForecast): object {
  const bytesPerDay = Math.round(growthBytesPerDay)
  return { growthBytesPerDay: bytesPerDay, fullAt: fullAtMs && timeOf(fullAtMs), ...rest }
}

function decisionJson(decision: LadderDecision): object {
  if (decision.kind !== 'wait') return decision
  const { untilMs, ...rest } = decision
  return { ...rest, until: timeOf(untilMs) }
}

function actionJson({ plannedAtMs, askedAtMs, endedAtMs, ...action }: DiskAction): object {
  const { id, step, driver, state, reason, detail, attempts, recorded, intentSeq } = action
  return {
    ...{ id, ...step, driver, description: describeStep(step), state, reason, detail },
    plannedAt: timeOf(plannedAtMs),
    askedAt: askedAtMs && timeOf(askedAtMs),
    endedAt: endedAtMs && timeOf(endedAtMs),
    ...{ attempts, recorded, intentSeq },
  }
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString()
}
