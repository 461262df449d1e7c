import type { ConfigFault } from '../../kit/index.ts'
import { LISTENER_CONFIGS } from './broker-configs-security.ts'

type Texts = Readonly<Record<string, string>>

/** Overrides taken apart: those of the broker, and those of single listeners by lower-case name. */
export interface ListenerOverrides {
  readonly broker: Texts
  readonly byListener: ReadonlyMap<string, Texts>
  /** Names that cannot be set for one listener. */
  readonly faults: readonly ConfigFault[]
}

const NAME = /^listener\.name\.([a-z0-9_-]+)\.(.+)$/

/** Kafka's way to configure one listener: `listener.name.outside.ssl.client.auth` (KIP-103). */
export function splitListenerOverrides(overrides: Texts): ListenerOverrides {
  const broker: Record<string, string> = {}
  const byListener = new Map<string, Record<string, string>>()
  const faults: ConfigFault[] = []
  for (const [name, text] of Object.entries(overrides)) {
    const [, listener, key] = NAME.exec(name) ?? []
    if (listener === undefined || key === undefined) {
      broker[name] = text
    } else if (LISTENER_CONFIGS.includes(key)) {
      const texts = byListener.get(listener) ?? {}
      texts[key] = text
      byListener.set(listener, texts)
    } else {
      faults.push({ name, message: `${name}: ${key} cannot be set for one listener` })
    }
  }
  return { broker, byListener, faults }
}
