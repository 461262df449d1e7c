import type { Disk, Logger } from '../kit/index.ts'
import { replaceFile } from '../kit/index.ts'
import type { AdvertisedEndpoint } from './handlers/index.ts'

interface Endpoints {
  readonly kafka: AdvertisedEndpoint
  readonly admin: string
}

/** The file in which commands on the same machine look for the broker's addresses. */
export class Announcement {
  readonly #disk: Disk
  readonly #path: string
  readonly #logger: Logger
  readonly #endpoints: () => Endpoints
  #turn: Promise<void> = Promise.resolve()

  constructor(disk: Disk, path: string, logger: Logger, endpoints: () => Endpoints) {
    this.#disk = disk
    this.#path = path
    this.#logger = logger
    this.#endpoints = endpoints
  }

  write(): Promise<void> {
    this.#turn = this.#turn.then(() => {
      const { kafka, admin } = this.#endpoints()
      const text = JSON.stringify({ kafka: `${kafka.host}:${kafka.port}`, admin })
      return replaceFile(this.#disk, this.#path, Buffer.from(`${text}\n`))
    })
    return this.#turn
  }

  /** After a change; the old addresses stay when it cannot be written. */
  renew(): void {
    this.write().catch((err: unknown) => {
      this.#turn = Promise.resolve()
      this.#logger.error({ err }, 'the addresses of the broker could not be written down')
    })
  }

  async remove(): Promise<void> {
    await this.#turn
    await this.#disk.remove(this.#path)
  }
}
