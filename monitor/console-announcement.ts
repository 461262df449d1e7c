import { join } from 'node:path'
import type { Disk, Random } from '../kit/index.ts'
import { randomUuid, replaceFile, tokenProof } from '../kit/index.ts'

const FILE_NAME = 'endpoint.json'
const MAX_CHALLENGE_LENGTH = 200

/**
 * The file in which commands on the same machine look for the monitor. Beside the address it has a secret of this
 * run: whoever listens at the address later cannot show that it knows it, and is sent no token.
 */
export class ConsoleAnnouncement {
  readonly #disk: Disk
  readonly #path: string
  readonly #secret: string
  #port = 0

  constructor(disk: Disk, directory: string, random: Random) {
    this.#disk = disk
    this.#path = join(directory, FILE_NAME)
    this.#secret = `${randomUuid(random)}${randomUuid(random)}`
  }

  /** Only the user of this process can read it, as every file of the monitor. */
  async write(url: string, port: number): Promise<void> {
    this.#port = port
    const text = JSON.stringify({ console: url, secret: this.#secret })
    await replaceFile(this.#disk, this.#path, Buffer.from(`${text}\n`))
  }

  remove(): Promise<void> {
    return this.#disk.remove(this.#path)
  }

  /** What shows that this is the monitor of the file; null for no challenge. */
  proofOf(challenge: string | string[] | undefined): string | null {
    if (typeof challenge !== 'string' || challenge.length > MAX_CHALLENGE_LENGTH) return null
    return tokenProof(this.#secret, challenge, this.#port)
  }
}
