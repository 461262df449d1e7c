import { describe, expect, it } from 'vitest'
import { diskSettings } from './disk-settings.ts'
import { processConfig } from './process-config.ts'

const settings = (texts: Readonly<Record<string, string>>) =>
  diskSettings(processConfig.parse(texts), 'here')

describe('how the monitor looks after the disk', () => {
  it('knows no driver but capacity until it is told how to reach others', () => {
    expect(settings({})).toEqual({
      checkIntervalMs: 15_000,
      arrivalTimeoutMs: 1_800_000,
      drivers: { lvm: null, kubernetes: null, webhook: null },
    })
  })

  it('is told how to reach what drivers make larger', () => {
    expect(
      settings({
        'monitor-disk-check-interval-ms': '1000',
        'monitor-disk-expansion-timeout-ms': '60000',
        'monitor-disk-lvm-volume': '/dev/data/kafka',
        'monitor-disk-lvm-prefix': 'sudo,-n',
        'monitor-disk-kubernetes-claim': 'kafka/data-0',
        'monitor-disk-kubernetes-config': '/etc/kubeconfig',
        'monitor-disk-webhook-url': 'https://cloud.example/grow',
        'monitor-disk-webhook-secret': 'hush',
      }),
    ).toEqual({
      checkIntervalMs: 1000,
      arrivalTimeoutMs: 60_000,
      drivers: {
        lvm: { volume: '/dev/data/kafka', prefix: ['sudo', '-n'] },
        kubernetes: { namespace: 'kafka', claim: 'data-0', kubeconfig: '/etc/kubeconfig' },
        webhook: { url: 'https://cloud.example/grow', secret: 'hush', instance: 'here' },
      },
    })
  })

  it.each([
    [{ 'monitor-disk-lvm-volume': '--help' }, 'monitor-disk-lvm-volume'],
    [{ 'monitor-disk-kubernetes-claim': 'data-0' }, 'monitor-disk-kubernetes-claim'],
    [{ 'monitor-disk-kubernetes-claim': '/data-0' }, 'monitor-disk-kubernetes-claim'],
    [{ 'monitor-disk-webhook-url': 'ftp://x' }, 'monitor-disk-webhook-url must be'],
    [{ 'monitor-disk-webhook-url': 'https://x' }, 'needs monitor-disk-webhook-secret'],
  ] as const)('says what is wrong with %o', (texts, fault) => {
    const found = settings(texts)
    expect('faults' in found ? found.faults.join() : '').toContain(fault)
  })
})
