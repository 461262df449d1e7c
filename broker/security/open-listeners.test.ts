import { expect, it } from 'vitest'
import { ConfigError, seededRandom, silentLogger } from '../../kit/index.ts'
import { createSimDisk, createSimTime } from '../../kit/testing.ts'
import { createBrokerConfig } from '../control/index.ts'
import { planListeners } from './listener-plan.ts'
import { securityOpener } from './open-listeners.ts'
import { noCredentials } from './sasl/credentials.ts'

it('opens a listener with logins once its files can be written, after they could not', async () => {
  const overrides = { listeners: 'SASL_PLAINTEXT://127.0.0.1:0' }
  const [plan] = planListeners(createBrokerConfig({ overrides }), { host: '127.0.0.1', port: 9092 })
  if (!plan) throw new Error('no listener')
  const { clock, timers } = createSimTime()
  const disk = createSimDisk()
  await disk.makeDirectory('/data')
  const openSecurity = securityOpener({
    ...{ dataDirectory: '/data', credentials: noCredentials, report: () => {} },
    ...{ disk, clock, timers, random: seededRandom(1), logger: silentLogger },
  })
  disk.plan = ({ kind }) =>
    kind === 'create' ? { kind: 'error', code: 'ENOSPC' } : { kind: 'proceed' }
  await expect(openSecurity(plan)).rejects.toBeInstanceOf(ConfigError)
  disk.plan = () => ({ kind: 'proceed' })
  const { security, close } = await openSecurity(plan)
  expect(security.sasl?.mechanisms).toEqual(['SCRAM-SHA-256', 'SCRAM-SHA-512'])
  await close()
})
