import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { GenerateKeyPairResult } from 'jose'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Cancel } from '../../../kit/index.ts'
import { openRealDisk, silentLogger } from '../../../kit/index.ts'
import { createSimTime } from '../../../kit/testing.ts'
import { openBearerKeys } from './bearer-keys.ts'
import { BearerTokens } from './bearer-tokens.ts'

const CHECK_MS = 1000

let time: ReturnType<typeof createSimTime>
let directory: string
let signing: GenerateKeyPairResult
let close: Cancel = () => {}
beforeEach(async () => {
  time = createSimTime()
  directory = mkdtempSync(join(tmpdir(), 'glasslog-keys-'))
  signing = await generateKeyPair('ES256')
})
afterEach(() => {
  close()
  rmSync(directory, { recursive: true })
})

const keySet = async ({ publicKey }: GenerateKeyPairResult): Promise<string> =>
  JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), alg: 'ES256' }] })

async function open(url: string): Promise<BearerTokens> {
  const opened = await openBearerKeys(url, 60_000, {
    ...{ disk: openRealDisk(), timers: time.timers, logger: silentLogger, intervalMs: CHECK_MS },
  })
  close = opened.close
  const rules = { issuer: 'i', audiences: ['a'], algorithms: ['ES256'], clockSkewSeconds: 0 }
  return new BearerTokens({ ...rules, userClaim: 'email' }, opened.keys, time.clock, silentLogger)
}

const tokenBy = ({ privateKey }: GenerateKeyPairResult): Promise<string> =>
  new SignJWT({ iss: 'i', aud: 'a', email: 'alice@example', exp: time.clock.now() / 1000 + 60 })
    .setProtectedHeader({ alg: 'ES256' })
    .sign(privateKey)

describe('keys of tokens', () => {
  it('come from a file, and from it anew when it has changed', async () => {
    const path = join(directory, 'keys.json')
    writeFileSync(path, await keySet(signing))
    const tokens = await open(pathToFileURL(path).href)
    expect(await tokens.check(await tokenBy(signing))).toMatchObject({
      kind: 'sound',
      user: 'alice@example',
    })
    const next = await generateKeyPair('ES256')
    expect((await tokens.check(await tokenBy(next))).kind).toBe('refused')
    writeFileSync(path, await keySet(next))
    await expect
      .poll(async () => {
        await time.advance(CHECK_MS)
        return (await tokens.check(await tokenBy(next))).kind
      })
      .toBe('sound')
    expect((await tokens.check(await tokenBy(signing))).kind).toBe('refused')
  })

  it('must be there when the broker starts, if they are in a file', async () => {
    await expect(open('file:///nowhere/keys.json')).rejects.toThrow('there is no file')
  })

  it('come from the network, and while they cannot be had no token is sound', async () => {
    let isUp = false
    const keys = await keySet(signing)
    const server: Server = createServer((_, response) => {
      response.writeHead(isUp ? 200 : 503, { 'content-type': 'application/json' }).end(keys)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const tokens = await open(`http://127.0.0.1:${port}/keys`)
    expect((await tokens.check(await tokenBy(signing))).kind).toBe('refused')
    isUp = true
    expect((await tokens.check(await tokenBy(signing))).kind).toBe('sound')
    await new Promise((resolve) => server.close(resolve))
  })
})
