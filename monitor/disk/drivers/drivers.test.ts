import { createHmac } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSimTime } from '../../../kit/testing.ts'
import { expansionTo, GIB, SimBroker } from '../testing.ts'
import { createCapacityDriver } from './capacity.ts'
import { createKubernetesDriver } from './kubernetes.ts'
import { quantityBytes } from './kubernetes-quantity.ts'
import { createLvmDriver } from './lvm.ts'
import { commandRunner } from './run-command.ts'
import { createWebhookDriver } from './webhook.ts'

const USAGE = {
  ...{
    usedBytes: 8 * GIB,
    freeBytes: 2 * GIB,
    limitBytes: null,
    floorBytes: 1,
    volumeBytes: 10 * GIB,
  },
}

const expansion = (to: number) => expansionTo(10 * GIB, to)

interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

let server: Server
let url: string
const asked: Asked[] = []
let answer: (request: Asked, response: ServerResponse) => void

beforeEach(async () => {
  asked.length = 0
  server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (piece: string) => {
      body += piece
    })
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request
      const one = { method, path, headers, body }
      asked.push(one)
      answer(one, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterEach(() => {
  server.closeAllConnections()
  server.close()
})

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

describe('the driver capacity', () => {
  it('raises the limit, up to what the file system has', async () => {
    const broker = new SimBroker()
    const driver = createCapacityDriver(broker)
    expect(await driver.bounds({ ...USAGE, limitBytes: 9 * GIB })).toEqual({
      ...{ scaledBytes: 9 * GIB, largestBytes: 10 * GIB },
    })
    expect(await driver.expand(expansion(11 * GIB), USAGE)).toMatchObject({ kind: 'asked' })
    expect(broker.limitBytes).toBe(11 * GIB)
  })
})

describe('the driver webhook', () => {
  const create = () => {
    const { clock } = createSimTime()
    return createWebhookDriver({ url, secret: 'hush', instance: 'prod-1' }, '/data', clock)
  }

  it('asks for a size, signed, by an id that stays the same', async () => {
    answer = (_, response) => response.writeHead(202).end('ticket 4711')
    const driver = create()
    const told = await driver.expand(expansion(11 * GIB), USAGE)
    expect(told).toEqual({ kind: 'asked', detail: 'HTTP 202: ticket 4711' })
    await driver.expand(expansion(11 * GIB), USAGE)
    const [first, second] = asked
    expect(JSON.parse(first?.body ?? '')).toEqual({
      ...{ version: '1', kind: 'disk-expansion', id: 'an-action', instance: 'prod-1' },
      ...{ directory: '/data', currentBytes: 10 * GIB, wantedBytes: 11 * GIB, usedBytes: 8 * GIB },
      reason: '80 % of the disk are in use',
    })
    expect(second?.body).toBe(first?.body)
    const { headers } = first as Asked
    const timestamp = headers['x-glasslog-timestamp']
    const hmac = createHmac('sha256', 'hush').update(`${timestamp}.${first?.body}`).digest('hex')
    expect(headers).toMatchObject({
      ...{ 'x-glasslog-signature': `v1=${hmac}`, 'x-glasslog-delivery': 'an-action' },
    })
  })

  it('takes a no for a no, and tries again where that may help', async () => {
    const driver = create()
    answer = (_, response) => response.writeHead(403).end('not this month')
    expect(await driver.expand(expansion(11 * GIB), USAGE)).toEqual({
      ...{ kind: 'refused', detail: 'HTTP 403: not this month' },
    })
    for (const status of [500, 503, 429]) {
      answer = (_, response) => response.writeHead(status).end()
      await expect(driver.expand(expansion(11 * GIB), USAGE)).rejects.toThrow(`HTTP ${status}`)
    }
    answer = (_, response) => response.writeHead(302, { location: 'http://elsewhere/' }).end()
    await expect(driver.expand(expansion(11 * GIB), USAGE)).rejects.toThrow()
  })

  it('keeps no more of an answer than is shown', async () => {
    answer = (_, response) => response.writeHead(200).end('x'.repeat(5_000_000))
    const told = await create().expand(expansion(11 * GIB), USAGE)
    expect(told.detail.length).toBeLessThan(400)
  })
})

/** An API server that has one claim, as Kubernetes' own answers (v1, PersistentVolumeClaim). */
class ApiServer {
  storage = '10Gi'
  /** What the volume has; of that nothing is told where it is null. */
  given: string | null = null
  resizing: string | null = null
  refusal: { readonly status: number; readonly message: string } | null = null

  readonly answer = (request: Asked, response: ServerResponse): void => {
    const refusal = this.#refusalOf(request)
    if (refusal !== null) {
      const { status: code, message } = refusal
      json(response, code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code })
      return
    }
    if (request.method === 'PATCH')
      this.storage = (JSON.parse(request.body) as Claim).spec.resources.requests.storage
    const status = {
      phase: 'Bound',
      ...(this.given ? { capacity: { storage: this.given } } : {}),
      ...(this.resizing ? { allocatedResourceStatuses: { storage: this.resizing } } : {}),
    }
    const metadata = { name: 'data-0', namespace: 'kafka' }
    const spec = { resources: { requests: { storage: this.storage } } }
    json(response, 200, { kind: 'PersistentVolumeClaim', apiVersion: 'v1', metadata, spec, status })
  }

  #refusalOf({ method, path, headers }: Asked): ApiServer['refusal'] {
    if (path !== '/api/v1/namespaces/kafka/persistentvolumeclaims/data-0')
      return { status: 404, message: `not found: ${path}` }
    if (headers.authorization !== 'Bearer sesame') return { status: 401, message: 'Unauthorized' }
    if (method !== 'PATCH') return null
    const isMerge = headers['content-type'] === 'application/merge-patch+json'
    return isMerge ? this.refusal : { status: 415, message: 'unsupported media type' }
  }
}

interface Claim {
  readonly spec: { readonly resources: { readonly requests: { readonly storage: string } } }
}

describe('the driver kubernetes', () => {
  let directory: string
  let api: ApiServer
  const create = async (kubeconfig = join(directory, 'kubeconfig')) => {
    await writeFile(join(directory, 'kubeconfig'), kubeconfigOf(url))
    return createKubernetesDriver({ namespace: 'kafka', claim: 'data-0', kubeconfig })
  }

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'glasslog-kubernetes-'))
    api = new ApiServer()
    answer = api.answer
  })
  afterEach(() => rm(directory, { recursive: true }))

  it('patches the claim, once', async () => {
    const driver = await create()
    expect(await driver.bounds(USAGE)).toEqual({ scaledBytes: 10 * GIB, largestBytes: null })
    expect(await driver.expand(expansion(11 * GIB), USAGE)).toEqual({
      ...{ kind: 'asked', detail: 'kafka/data-0 asks for 11.0 GiB' },
    })
    expect(api.storage).toBe(String(11 * GIB))
    await driver.expand(expansion(11 * GIB), USAGE)
    expect(asked.filter(({ method }) => method === 'PATCH')).toHaveLength(1)
    expect(await driver.refusal?.()).toBe(null)
  })

  it('says what the API server says when it refuses', async () => {
    const driver = await create()
    const message =
      'persistentvolumeclaims "data-0" is forbidden: only dynamically provisioned pvc can be resized'
    api.refusal = { status: 403, message }
    expect(await driver.expand(expansion(11 * GIB), USAGE)).toEqual({
      ...{ kind: 'refused', detail: `HTTP 403: ${message}` },
    })
    api.refusal = { status: 503, message: 'the server is currently unable to handle the request' }
    await expect(driver.expand(expansion(11 * GIB), USAGE)).rejects.toThrow()
  })

  it('sees that a size will never come', async () => {
    const driver = await create()
    api.resizing = 'ControllerResizeInProgress'
    expect(await driver.refusal?.()).toBe(null)
    api.resizing = 'ControllerResizeInfeasible'
    expect(await driver.refusal?.()).toBe('kafka/data-0: ControllerResizeInfeasible')
  })

  it('asks for no more before it has what was asked for', async () => {
    const driver = await create()
    api.given = '10Gi'
    expect(await driver.bounds(USAGE)).toMatchObject({ largestBytes: null })
    await driver.expand(expansion(11 * GIB), USAGE)
    expect(await driver.bounds(USAGE)).toEqual({
      ...{ scaledBytes: 11 * GIB, largestBytes: 11 * GIB },
    })
    api.given = '11Gi'
    expect(await driver.bounds(USAGE)).toMatchObject({ largestBytes: null })
  })

  it('tries again with a configuration that was not there', async () => {
    const driver = await create(join(directory, 'later'))
    await expect(driver.bounds(USAGE)).rejects.toThrow('later')
    await writeFile(join(directory, 'later'), kubeconfigOf(url))
    expect(await driver.bounds(USAGE)).toMatchObject({ scaledBytes: 10 * GIB })
  })

  it.each([
    ['10Gi', 10 * GIB],
    ['1500M', 1_500_000_000],
    ['1e3', 1000],
    ['1.5Ki', 1536],
    ['100m', 1],
    ['12', 12],
    ['ten', null],
    ['10GiB', null],
  ])('reads %s', (text, bytes) => {
    expect(quantityBytes(text)).toBe(bytes)
  })
})

function kubeconfigOf(server: string): string {
  return JSON.stringify({
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'here' },
    // The client talks to an API server without TLS only when it is told not to look at certificates.
    clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: { token: 'sesame' } }],
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u', namespace: 'kafka' } }],
  })
}

/** A volume group with one volume, as LVM's tools show and change it. */
class VolumeGroup {
  sizeBytes = 10 * GIB
  freeBytes = 5 * GIB
  fileSystemBytes = 10 * GIB
  type = 'ext4'
  /** Of the program that fails next. */
  broken = ''
  readonly commands: string[] = []

  readonly run = async (file: string, args: readonly string[]) => {
    this.commands.push([file, ...args].join(' '))
    if (file === this.broken) return { code: 5, stdout: '', stderr: `${file}: broken` }
    switch (file) {
      case 'lvs':
        return this.#answer(`  ${this.sizeBytes},${this.freeBytes}\n`)
      case 'findmnt':
        return this.#answer(`${this.type} /data\n`)
      case 'lvextend': {
        const wanted = Number(/^(\d+)b$/.exec(args[1] ?? '')?.[1])
        if (wanted <= this.sizeBytes) return { code: 5, stdout: '', stderr: 'New size matches' }
        this.freeBytes -= wanted - this.sizeBytes
        this.sizeBytes = wanted
        return this.#answer('')
      }
      default:
        this.fileSystemBytes = this.sizeBytes
        return this.#answer('')
    }
  }

  #answer(stdout: string) {
    return { code: 0, stdout, stderr: '' }
  }
}

describe('the driver lvm', () => {
  const settings = { volume: '/dev/data/kafka', directory: '/data/glasslog', prefix: [] }

  it('extends the volume and then its file system', async () => {
    const group = new VolumeGroup()
    const driver = createLvmDriver(settings, group.run)
    expect(await driver.bounds(USAGE)).toEqual({
      ...{ scaledBytes: 10 * GIB, largestBytes: 15 * GIB },
    })
    expect(await driver.expand(expansion(11 * GIB), USAGE)).toMatchObject({ kind: 'asked' })
    expect(group).toMatchObject({ sizeBytes: 11 * GIB, fileSystemBytes: 11 * GIB })
    expect(group.commands).toContain(`lvextend --size ${11 * GIB}b /dev/data/kafka`)
    expect(group.commands.at(-1)).toBe('resize2fs /dev/data/kafka')
  })

  it('finishes what was begun before a crash', async () => {
    const group = new VolumeGroup()
    const driver = createLvmDriver(settings, group.run)
    group.broken = 'resize2fs'
    await expect(driver.expand(expansion(11 * GIB), USAGE)).rejects.toThrow('resize2fs: broken')
    group.broken = ''
    expect(await driver.expand(expansion(11 * GIB), USAGE)).toMatchObject({ kind: 'asked' })
    expect(group).toMatchObject({ sizeBytes: 11 * GIB, fileSystemBytes: 11 * GIB })
  })

  it.each([
    ['xfs', 'xfs_growfs /data'],
    ['btrfs', 'btrfs filesystem resize max /data'],
  ])('grows %s', async (type, command) => {
    const group = new VolumeGroup()
    group.type = type
    await createLvmDriver(settings, group.run).expand(expansion(11 * GIB), USAGE)
    expect(group.commands.at(-1)).toBe(command)
  })

  it('leaves a volume alone whose file system it cannot grow', async () => {
    const group = new VolumeGroup()
    group.type = 'zfs'
    const driver = createLvmDriver(settings, group.run)
    expect(await driver.expand(expansion(11 * GIB), USAGE)).toEqual({
      ...{ kind: 'refused', detail: 'no way to grow a file system of type zfs' },
    })
    expect(group.sizeBytes).toBe(10 * GIB)
  })

  it('says what is wrong', async () => {
    const group = new VolumeGroup()
    const driver = createLvmDriver({ ...settings, prefix: ['sudo', '-n'] }, (_, args) =>
      group.run(args[1] ?? '', args.slice(2)),
    )
    group.broken = 'lvextend'
    expect(await driver.expand(expansion(11 * GIB), USAGE)).toEqual({
      ...{ kind: 'refused', detail: 'lvextend: lvextend: broken' },
    })
    group.broken = 'lvs'
    await expect(driver.bounds(USAGE)).rejects.toThrow('lvs: broken')
  })
})

describe('a command', () => {
  it('answers with code, output and what it complained of, and never rejects', async () => {
    const run = commandRunner(process.env)
    expect(await run('node', ['-e', 'console.log(1)'])).toEqual({
      code: 0,
      stdout: '1\n',
      stderr: '',
    })
    expect(await run('node', ['-e', 'console.error("no"); process.exit(3)'])).toMatchObject({
      ...{ code: 3, stderr: 'no' },
    })
    expect(await run('glasslog-no-such-program', [])).toMatchObject({ code: null })
  })

  it('is not waited for when it does not end', async () => {
    const run = commandRunner(process.env, { timeoutMs: 2_000, graceMs: 50 })
    const answer = await run('sh', ['-c', 'trap "" TERM; sleep 10; true'])
    expect(answer).toEqual({ code: null, stdout: '', stderr: 'sh does not end' })
  })
})
