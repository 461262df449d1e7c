import { readFile } from 'node:fs/promises'
import { CommandFailure, EXIT } from './exit-codes.ts'
import type { ProcessConfig } from './process-config.ts'
import { processConfig } from './process-config.ts'

/** The settings of a server process after flag > environment > file > default. */
export interface ServerOptions {
  readonly process: ProcessConfig
  /** Kafka's broker configs that were set, by their Kafka names; checked by the broker's own table. */
  readonly brokerOverrides: Readonly<Record<string, string>>
}

const DEFAULT_CONFIG_FILE = './glasslog.yaml'

/** What every program that speaks OpenTelemetry reads; names of our own are stronger. */
const STANDARD_NAMES: Readonly<Record<string, string>> = {
  'otlp-endpoint': 'OTEL_EXPORTER_OTLP_ENDPOINT',
  'otlp-headers': 'OTEL_EXPORTER_OTLP_HEADERS',
}

interface Texts {
  readonly process: Record<string, string>
  readonly broker: Record<string, string>
}

/**
 * Reads flags, environment and config file. Throws a CommandFailure with exit code 64 for a wrong
 * flag and 78 for wrong values; every fault of the configuration is in one message, with its key.
 */
export async function parseServerOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ServerOptions> {
  const flags = parseFlags(args)
  const file = await readConfigFile(flags.configPath)
  const process = { ...file.process, ...readEnvironment(environment), ...flags.process }
  const faults = processConfig.faults(process)
  if (faults.length > 0) throw configFailure(faults.map((fault) => fault.message))
  return {
    process: processConfig.parse(process),
    brokerOverrides: { ...file.broker, ...flags.broker },
  }
}

/** The failure that a person sees when values cannot be used: all of them at once. */
export function configFailure(messages: readonly string[]): CommandFailure {
  const lines = messages.map((message) => `  - ${message}`).join('\n')
  return new CommandFailure(`wrong configuration\n${lines}`, EXIT.config)
}

interface Flags extends Texts {
  readonly configPath: string | null
}

function parseFlags(args: readonly string[]): Flags {
  const flags = { process: {} as Record<string, string>, broker: {} as Record<string, string> }
  let configPath: string | null = null
  const queue = [...args]
  for (let arg = queue.shift(); arg !== undefined; arg = queue.shift()) {
    const [name, value] = takeFlag(arg, queue)
    if (name === 'config') configPath = value
    else if (name === 'override') addOverride(flags.broker, value)
    else if (processConfig.row(name)) flags.process[name] = value
    else throw new CommandFailure(`unknown flag: --${name}\nTry: glasslog help`, EXIT.usage)
  }
  return { ...flags, configPath }
}

/** `--name value`, `--name=value`, and `--name` alone for booleans. */
export function takeFlag(arg: string, rest: string[]): readonly [name: string, value: string] {
  const match = /^--([a-z][a-z.-]*)(?:=(.*))?$/s.exec(arg)
  if (!match?.[1]) throw new CommandFailure(`not a flag: ${arg}\nTry: glasslog help`, EXIT.usage)
  const name = match[1]
  if (match[2] !== undefined) return [name, match[2]]
  const isBoolean = processConfig.row(name)?.type === 'boolean'
  const next = rest[0]
  if (isBoolean && next !== 'true' && next !== 'false') return [name, 'true']
  if (next === undefined) throw new CommandFailure(`--${name} needs a value`, EXIT.usage)
  rest.shift()
  return [name, next]
}

function addOverride(overrides: Record<string, string>, text: string): void {
  const equals = text.indexOf('=')
  if (equals <= 0) {
    throw new CommandFailure(`--override needs NAME=VALUE, not ${JSON.stringify(text)}`, EXIT.usage)
  }
  overrides[text.slice(0, equals)] = text.slice(equals + 1)
}

function readEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [name, standard] of Object.entries(STANDARD_NAMES)) {
    const value = environment[standard]
    if (value !== undefined && value !== '') found[name] = value
  }
  for (const name of processConfig.names) {
    const value = environment[`GLASSLOG_${name.toUpperCase().replace(/[.-]/g, '_')}`]
    if (value !== undefined) found[name] = value
  }
  return found
}

async function readConfigFile(path: string | null): Promise<Texts> {
  let text: string
  try {
    text = await readFile(path ?? DEFAULT_CONFIG_FILE, 'utf8')
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    if (path === null && isMissing) return { process: {}, broker: {} }
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CommandFailure(`cannot read the config file: ${reason}`, EXIT.config)
  }
  return readYaml(text, path ?? DEFAULT_CONFIG_FILE)
}

async function readYaml(text: string, path: string): Promise<Texts> {
  // Loaded when there is a file to read: most starts have none.
  const { parse: parseYaml } = await import('yaml')
  let document: unknown
  try {
    document = parseYaml(text)
  } catch (cause) {
    throw configFailure([`${path} is not YAML: ${cause instanceof Error ? cause.message : cause}`])
  }
  if (document === null) return { process: {}, broker: {} }
  if (!isMap(document)) throw configFailure([`${path} must be a map of keys to values`])
  const { broker, ...own } = document
  if (broker !== undefined && broker !== null && !isMap(broker)) {
    throw configFailure([`${path}: broker must be a map of Kafka's broker configs`])
  }
  return { process: flatten(own), broker: flatten(broker ?? {}) }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Nested maps become dotted names, lists comma-separated text: the one form that tables parse. */
function flatten(map: Record<string, unknown>, prefix = ''): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const [key, value] of Object.entries(map)) {
    const name = `${prefix}${key}`
    if (value === null || value === undefined) continue
    if (isMap(value)) Object.assign(flat, flatten(value, `${name}.`))
    else flat[name] = Array.isArray(value) ? value.join(',') : String(value)
  }
  return flat
}
