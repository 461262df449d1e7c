import type { ConfigFault } from '../../kit/index.ts'
import { isLoopbackHost } from '../../kit/index.ts'
import type { ListenerPlan } from './listener-plan.ts'
import { usesSasl, usesTls } from './security-protocol.ts'

/**
 * The listeners that other machines can reach although what goes over them can be read on the way,
 * or although nobody has to say who they are: such a door must be meant.
 */
export function exposedListeners(plans: readonly ListenerPlan[]): readonly ConfigFault[] {
  return plans.flatMap(({ name, bind, protocol, values }) => {
    if (isLoopbackHost(bind.host)) return []
    const isKnown = usesSasl(protocol) || values.sslClientAuth === 'required'
    if (usesTls(protocol) && isKnown) return []
    const gap = usesTls(protocol) ? 'nobody has to log in' : 'what is said can be read on the way'
    const message = `listener ${name} at ${bind.host} can be reached from other machines and ${gap}: set insecure: true if that is what you want`
    return [{ name: 'listeners', message }]
  })
}
