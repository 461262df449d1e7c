import type { Alert } from '../alerts/alert.ts'
import type { Fingerprint } from '../alerts/label-set.ts'
import type { Matcher } from '../routing/matcher.ts'
import { matchesAll } from '../routing/matcher.ts'
import type { Silence } from './silence.ts'
import { compileMatchers, silenceState } from './silence.ts'

/**
 * Says which silences hold an alert back. Which ones match it is remembered until a silence changes,
 * because a look at a group asks for each of its alerts again.
 */
export class Silencer {
  readonly #silences: ReadonlyMap<string, Silence>
  readonly #compiled = new Map<string, { silence: Silence; matchers: readonly Matcher[] }>()
  readonly #matching = new Map<Fingerprint, readonly string[]>()

  constructor(silences: ReadonlyMap<string, Silence>) {
    this.#silences = silences
    this.silencesChanged()
  }

  /** To be called after each change of a silence. */
  silencesChanged(): void {
    this.#matching.clear()
    for (const id of this.#compiled.keys()) if (!this.#silences.has(id)) this.#compiled.delete(id)
    for (const [id, silence] of this.#silences) {
      if (this.#compiled.get(id)?.silence !== silence)
        this.#compiled.set(id, { silence, matchers: compileMatchers(silence.matchers) })
    }
  }

  forget(fingerprint: Fingerprint): void {
    this.#matching.delete(fingerprint)
  }

  /** Ids of the silences that are active now and match. */
  silencedBy(alert: Alert, nowMs: number): readonly string[] {
    if (this.#compiled.size === 0) return []
    const matching = this.#matching.get(alert.fingerprint) ?? this.#match(alert)
    return matching.filter((id) => {
      const silence = this.#silences.get(id)
      return silence !== undefined && silenceState(silence, nowMs) === 'active'
    })
  }

  #match(alert: Alert): readonly string[] {
    const ids = [...this.#compiled]
      .filter(([, { matchers }]) => matchesAll(matchers, alert.labels))
      .map(([id]) => id)
    this.#matching.set(alert.fingerprint, ids)
    return ids
  }
}
