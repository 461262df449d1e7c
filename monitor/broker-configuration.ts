import type { StoredAlerting, StoredContactPoint } from '../alerting/index.ts'
import type { Cancel, Logger, Timers } from '../kit/index.ts'
import type { FindBroker } from './follow-broker.ts'
import type { RuleGroup } from './rules/index.ts'
import { parseRuleFile, RuleFileError } from './rules/index.ts'

export interface BrokerConfigurationParts {
  readonly findBroker: FindBroker
  readonly timers: Timers
  readonly logger: Logger
  readonly onRules: (groups: readonly RuleGroup[]) => void
  /** Answers what is wrong; the rest is in force. */
  readonly onAlerting: (stored: StoredAlerting) => Promise<readonly string[]>
  /** Whether all that the broker keeps is in force. */
  readonly onLoaded: (isGood: boolean) => void
}

const POLL_MS = 2_000
const TIMEOUT_MS = 10_000
/** Stands for a file in what is told of rules that the broker keeps. */
export const BROKER_FILE = 'broker'

/** Answer of `/v1/monitor/configuration`, as far as it is read here. */
interface Stored {
  readonly ruleGroups: readonly { readonly name: string }[]
  readonly contactPoints: readonly StoredContactPoint[]
  readonly notificationPolicy: Readonly<Record<string, unknown>> | null
}

/**
 * Follows the rules, contact points and routes that the broker keeps as recorded control operations. While the broker is
 * away, what was read last stays in force; a group of rules, a contact point or a
 * policy with faults leaves the one before in force, and all others are as the broker has them.
 */
export function followBrokerConfiguration(parts: BrokerConfigurationParts): Cancel {
  const { findBroker, timers, logger } = parts
  let known: string | null = null
  let isLooking = false
  let told = ''
  const inForce = new Map<string, RuleGroup>()

  const look = async (): Promise<void> => {
    const broker = await findBroker()
    if (broker === null) return
    const headers = {
      authorization: `Bearer ${broker.token}`,
      ...(known === null ? {} : { 'if-none-match': known }),
    }
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const answer = await fetch(`${broker.url}/v1/monitor/configuration`, {
      ...{ headers, signal, redirect: 'error' },
    })
    if (answer.status !== 200) {
      await answer.body?.cancel()
      return
    }
    const faults = await apply((await answer.json()) as Stored)
    known = answer.headers.get('etag')
    parts.onLoaded(faults.length === 0)
    const message = faults.join('\n')
    if (message !== '' && message !== told)
      logger.error({ faults }, 'some of what the broker keeps for the monitor cannot be used')
    told = message
  }
  const apply = async (stored: Stored): Promise<string[]> => {
    const faults: string[] = []
    const groups = stored.ruleGroups.map((group) => groupOf(group, inForce.get(group.name), faults))
    const usable = groups.filter((group) => group !== null)
    inForce.clear()
    for (const group of usable) inForce.set(group.name, group)
    parts.onRules(usable)
    const { contactPoints, notificationPolicy } = stored
    const alertingFaults = await parts.onAlerting({ contactPoints, policy: notificationPolicy })
    return [...faults, ...alertingFaults]
  }
  const lookAlone = () => {
    if (isLooking) return
    isLooking = true
    look()
      // The broker is away, or its connection broke off: the next look is soon.
      .catch((error: unknown) => logger.debug({ err: error }, 'the broker was not asked for rules'))
      .finally(() => {
        isLooking = false
      })
  }
  lookAlone()
  return timers.every(POLL_MS, lookAlone)
}

/** A group of its own file, so that a fault in one is not one of the others. */
function groupOf(
  group: { readonly name: string },
  before: RuleGroup | undefined,
  faults: string[],
): RuleGroup | null {
  try {
    return parseRuleFile(JSON.stringify({ groups: [group] }), BROKER_FILE)[0] ?? null
  } catch (error) {
    if (!(error instanceof RuleFileError)) throw error
    faults.push(`${group.name}: ${error.message}`)
    return before ?? null
  }
}
