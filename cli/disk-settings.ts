import type { DiskSettings } from '../monitor/index.ts'
import type { ProcessConfig } from './process-config.ts'

/** The keys that say how the monitor looks after the disk. */
type DiskConfig = Pick<
  ProcessConfig,
  | 'monitorDiskCheckIntervalMs'
  | 'monitorDiskExpansionTimeoutMs'
  | 'monitorDiskLvmVolume'
  | 'monitorDiskLvmPrefix'
  | 'monitorDiskKubernetesClaim'
  | 'monitorDiskKubernetesConfig'
  | 'monitorDiskWebhookUrl'
  | 'monitorDiskWebhookSecret'
>

/** How the monitor looks after the disk, or what is wrong with it. `instance` is how a webhook knows this machine. */
export function diskSettings(
  config: DiskConfig,
  instance: string,
): DiskSettings | { readonly faults: readonly string[] } {
  const {
    monitorDiskLvmVolume: volume,
    monitorDiskKubernetesClaim: claimText,
    monitorDiskWebhookUrl: url,
    monitorDiskWebhookSecret: secret,
  } = config
  const [namespace, claim, ...more] = (claimText ?? '').split('/')
  const hasClaim = namespace !== undefined && claim !== undefined && more.length === 0
  const faults = [
    volume === null || /^\/dev\/[\w.+-]+\/[\w.+-]+$/.test(volume)
      ? null
      : 'monitor-disk-lvm-volume must be like /dev/GROUP/NAME',
    claimText === null || (hasClaim && namespace !== '' && claim !== '')
      ? null
      : 'monitor-disk-kubernetes-claim must be like NAMESPACE/NAME',
    url === null || /^https?:$/.test(URL.parse(url)?.protocol ?? '')
      ? null
      : 'monitor-disk-webhook-url must be an address that begins with http:// or https://',
    url === null || secret !== null
      ? null
      : 'monitor-disk-webhook-url needs monitor-disk-webhook-secret, so that who is asked knows by whom',
  ].filter((fault) => fault !== null)
  if (faults.length > 0) return { faults }
  return {
    checkIntervalMs: config.monitorDiskCheckIntervalMs,
    arrivalTimeoutMs: config.monitorDiskExpansionTimeoutMs,
    drivers: {
      lvm: volume === null ? null : { volume, prefix: config.monitorDiskLvmPrefix },
      kubernetes:
        namespace === undefined || claim === undefined
          ? null
          : { namespace, claim, kubeconfig: config.monitorDiskKubernetesConfig },
      webhook: url === null || secret === null ? null : { url, secret, instance },
    },
  }
}
