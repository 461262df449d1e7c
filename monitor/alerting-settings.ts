import type { AlertingConfig, AlertingPipeline, StoredAlerting } from '../alerting/index.ts'
import { formatFault, usableStored, withStored } from '../alerting/index.ts'
import { notificationTemplateFault } from './rules/index.ts'

const NOTHING_STORED: StoredAlerting = { contactPoints: [], policy: null }

/** Routes and contact points in force: those of the file, with those that the broker keeps over them. */
export class AlertingSettings {
  #pipeline: Pick<AlertingPipeline, 'reconfigure'> | null = null
  #base: AlertingConfig
  #stored = NOTHING_STORED

  constructor(base: AlertingConfig) {
    this.#base = base
  }

  /** From now on changes go there. */
  connect(pipeline: Pick<AlertingPipeline, 'reconfigure'>): void {
    this.#pipeline = pipeline
  }

  /** A value of a secret of a contact point that the broker keeps; in memory only. */
  storedSecret(contactPoint: string, name: string): string | undefined {
    return this.#stored.contactPoints.find((point) => point.name === contactPoint)?.secrets[name]
  }

  /** The file was read again. */
  async reconfigure(base: AlertingConfig): Promise<void> {
    await this.#apply(base, this.#stored)
  }

  /** What the broker keeps has changed. Answers what is wrong with it; of that, what was there before stays in force. */
  async setStored(asked: StoredAlerting): Promise<readonly string[]> {
    const { stored, faults } = usableStored(
      this.#base,
      asked,
      this.#stored,
      notificationTemplateFault,
    )
    await this.#apply(this.#base, stored)
    return faults.map(formatFault)
  }

  async #apply(base: AlertingConfig, stored: StoredAlerting): Promise<void> {
    const config = withStored(base, stored, notificationTemplateFault)
    this.#base = base
    this.#stored = stored
    await this.#pipeline?.reconfigure(config)
  }
}
