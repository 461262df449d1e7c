/** What somebody does over HTTP: sets things up, and goes on changing them. */
export class Operator {
  readonly #url: string
  readonly #token: string

  constructor(url: string, token: string) {
    this.#url = url
    this.#token = token
  }

  async ask(method: string, path: string, body?: object): Promise<unknown> {
    const answer = await fetch(`${this.#url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return JSON.parse(text)
  }

  /** Where the listener of that name listens. */
  async addressOf(listener: string): Promise<string> {
    const { host, port } = (await this.ask('GET', `/v1/listeners/${listener}`)) as {
      host: string
      port: number
    }
    return `${host}:${port}`
  }

  /** Topics, users, rules and limits that the scenario needs. */
  async setUp(): Promise<void> {
    const sixHoursMs = String(6 * 3_600_000)
    await this.ask('POST', '/v1/topics', { name: 'orders', partitions: 3 })
    await this.ask('POST', '/v1/topics', {
      ...{ name: 'payments', partitions: 2 },
      configs: { 'retention.ms': sixHoursMs },
    })
    await this.ask('POST', '/v1/topics', {
      ...{ name: 'two-copies', partitions: 1 },
      configs: { 'min.insync.replicas': '2' },
    })
    for (const name of ['forbidden', 'throttled', 'deleted', 'old-format']) {
      await this.ask('POST', '/v1/topics', { name, partitions: 1 })
    }
    await this.ask('POST', '/v1/acls', {
      ...{ resourceType: 'TOPIC', resourceName: 'forbidden', principal: 'User:ANONYMOUS' },
      ...{ operation: 'WRITE', permission: 'DENY' },
    })
    await this.ask('PUT', '/v1/users/alice', { password: PASSWORD })
    await this.ask('PUT', '/v1/quotas', {
      ...{ entity: { clientId: 'bulk' }, limits: { producer_byte_rate: 20_000 } },
    })
    await this.ask('PUT', '/v1/topics/throttled/quota', {
      ...{ producerByteRate: 5_000, consumerByteRate: null },
    })
  }

  /** One more control operation. */
  async changeSomething(): Promise<void> {
    this.#changes++
    const retentionMs = String(6 * 3_600_000 + this.#changes)
    await this.ask('PATCH', '/v1/topics/payments', { configs: { 'retention.ms': retentionMs } })
  }

  #changes = 0
}

export const PASSWORD = 'correct horse battery staple'
