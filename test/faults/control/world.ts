import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HistoryRecord } from '../../../audit/index.ts'
import type { BrokerProcess } from '../../support/broker-process.ts'
import { runCommand, startBrokerProcess } from '../../support/broker-process.ts'
import { ROLES, STEADY, STEADY_RECORDS } from './choices.ts'
import type { Address } from './doors.ts'
import { askHttp } from './doors.ts'
import type { Members } from './model.ts'

const PASSWORDS = { admin: 'the admins password', alice: 'the password of alice' } as const

/** The mark of what was there before the first attempt. */
export const FURNISHING = 'furnishing'

/** Accounts that stay, and the roles that they have. */
const ACCOUNTS = { boss: 'admin', operator: 'operator', custom: 'r0', watcher: 'viewer' } as const
export type AccountName = keyof typeof ACCOUNTS | 'root'

/** A cluster that is killed again and again: its directory, and what opens its doors. */
export class World {
  readonly directory: string
  readonly tokens = new Map<AccountName, string>()
  readonly passwords: Readonly<Record<'admin' | 'alice', string>> = PASSWORDS
  readonly secrets = new Set<string>(Object.values(PASSWORDS))
  /** What the broker has logged in all its lives. */
  log = ''
  #broker: BrokerProcess | undefined
  #exported: readonly string[] = []

  constructor(directory: string) {
    this.directory = directory
  }

  get address(): Address {
    if (!this.#broker) throw new Error('no broker runs')
    return { kafkaPort: this.#broker.kafka.port, adminUrl: this.#broker.adminUrl }
  }

  /** A file where checkpoints are published, outside of the data directory. */
  get published(): string {
    return join(this.directory, 'published')
  }

  get #data(): string {
    return join(this.directory, 'data')
  }

  async start(): Promise<void> {
    const overrides = [
      'listeners=SASL_PLAINTEXT://127.0.0.1:0',
      'sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256',
      'super.users=User:admin',
      'glasslog.authorizer=acl',
    ]
    this.#broker = await startBrokerProcess(this.#data, {
      args: [
        ...overrides.flatMap((text) => ['--override', text]),
        ...['--audit-checkpoint-file', this.published, '--audit-checkpoint-records', '16'],
      ],
    })
  }

  /** Answers how the process ended. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const ended = await this.#broker?.end(signal)
    this.log += this.#broker?.stderr() ?? ''
    this.#broker = undefined
    return ended?.code ?? null
  }

  /** Ends whatever runs. */
  async stop(): Promise<void> {
    if (this.#broker) await this.end('SIGKILL')
  }

  /** What an administrator does on the first day. */
  async furnish(): Promise<void> {
    const root = (await readFile(join(this.#data, 'root.token'), 'utf8')).trim()
    this.#keep('root', root)
    for (const [user, password] of Object.entries(PASSWORDS)) {
      await this.#do(`PUT /v1/users/${user}`, { password })
    }
    for (const name of ROLES) await this.#do('POST /v1/roles', { name, rules: [] })
    for (const [name, role] of Object.entries(ACCOUNTS) as [AccountName, string][]) {
      await this.#do('POST /v1/accounts', { name, roles: [role] })
      const { token } = await this.#do('POST /v1/tokens', { account: name, label: 'setup' })
      this.#keep(name, String(token))
    }
    for (const name of [STEADY, 'trimmed']) {
      await this.#do('POST /v1/topics', { name, partitions: 1 })
      const records = Array.from({ length: STEADY_RECORDS }, (_, value) => ({ value }))
      await this.#do(`POST /v1/topics/${name}/records`, { records })
    }
  }

  /** Rules of the roles that come with the broker, as it shows them. */
  async builtInRoles(): Promise<ReadonlyMap<string, readonly Members[]>> {
    const { roles } = await this.#do('GET /v1/roles')
    const shown = (roles as readonly Members[]).filter(({ builtIn }) => builtIn === true)
    return new Map(shown.map(({ name, rules }) => [String(name), rules as readonly Members[]]))
  }

  /**
   * The history of the stopped broker's directory, verified by the stand-alone program against all
   * that was published. Throws when it is not sound, or not the continuation of the one before.
   */
  async verifiedHistory(): Promise<readonly HistoryRecord[]> {
    const file = join(this.directory, 'export.jsonl')
    const exported = await runCommand('audit', 'export', '--data-dir', this.#data, '--out', file)
    if (exported.code !== 0) throw new Error(`audit export failed: ${exported.stderr}`)
    const key = join(this.#data, 'audit/checkpoint.pub')
    const outside = ['--checkpoint', this.published, '--require-checkpoint']
    const verified = await runCommand('audit', 'verify', '--file', file, '--key', key, ...outside)
    if (verified.code !== 0) {
      throw new Error(
        `audit verify ended with ${verified.code}: ${verified.stdout}${verified.stderr}`,
      )
    }
    const text = await readFile(file, 'utf8')
    this.#findSecrets('the export', text)
    const lines = text.split('\n').filter((line) => line.startsWith('{"leaf"'))
    const changed = this.#exported.findIndex((line, at) => line !== lines[at])
    if (changed >= 0) throw new Error(`record ${changed} is another than it was`)
    this.#exported = lines
    return lines.map((line) => (JSON.parse(line) as { record: HistoryRecord }).record)
  }

  /** Throws when something secret was written where people look. */
  findSecretsInLog(): void {
    this.#findSecrets('the log', this.log)
  }

  #findSecrets(where: string, text: string): void {
    const found = [...this.secrets].find((secret) => text.includes(secret))
    if (found !== undefined) throw new Error(`${where} has the secret ${JSON.stringify(found)}`)
  }

  #keep(account: AccountName, token: string): void {
    this.tokens.set(account, token)
    this.secrets.add(token)
  }

  async #do(target: string, body?: unknown): Promise<Readonly<Record<string, unknown>>> {
    const options = { token: this.tokens.get('root') ?? '', mark: FURNISHING, body }
    const answer = await askHttp(this.address, target, options)
    if (answer.code !== 'NONE') throw new Error(`${target}: ${JSON.stringify(answer.body)}`)
    return answer.body
  }
}
