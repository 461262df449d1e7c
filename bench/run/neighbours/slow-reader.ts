import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import type { Address } from '../../client/connections.ts'
import type { ReadRange } from '../keep-consuming.ts'
import { encodeFetch } from '../keep-consuming.ts'

/** Each may bring some megabytes; together they are more than all buffers between the two hold. */
const REQUESTS = 10
const READ_EVERY_MS = 1_000

/** A consumer that asks for much and takes little, so that the broker's socket to it stays full. */
export class SlowReader {
  readonly #socket: Socket
  readonly #reading: NodeJS.Timeout

  static async start(
    { host, port }: Address,
    topic: string,
    ranges: readonly ReadRange[],
    bytesPerSecond: number,
  ): Promise<SlowReader> {
    // Nobody listens for data, so the stream reads until its buffer is full and then no more.
    const socket = connect({ host, port })
    await once(socket, 'connect')
    const positions = new Map(ranges.map(({ partition, fromOffset }) => [partition, fromOffset]))
    for (let i = 0; i < REQUESTS; i++) socket.write(encodeFetch(topic, positions))
    return new SlowReader(socket, bytesPerSecond)
  }

  private constructor(socket: Socket, bytesPerSecond: number) {
    this.#socket = socket
    // A broker may well lose its patience with such a client and close the connection.
    socket.on('error', () => {})
    this.#reading = setInterval(() => socket.read(bytesPerSecond), READ_EVERY_MS)
  }

  async stop(): Promise<void> {
    clearInterval(this.#reading)
    this.#socket.destroy()
  }
}
