import type { Clock } from '../../../kit/index.ts'
import type { DiskBroker } from '../broker-port.ts'
import type { DriverName } from '../disk-policy.ts'
import { createCapacityDriver } from './capacity.ts'
import type { ExpansionDriver } from './driver.ts'
import type { KubernetesSettings } from './kubernetes.ts'
import { createKubernetesDriver } from './kubernetes.ts'
import { createLvmDriver } from './lvm.ts'
import { commandRunner } from './run-command.ts'
import type { WebhookSettings } from './webhook.ts'
import { createWebhookDriver } from './webhook.ts'

/**
 * How drivers reach what they make larger: of the process, never of a policy, because whoever may write a policy
 * over HTTP must not name commands or addresses. Null for those that are not there.
 */
export interface DriverSettings {
  readonly lvm: { readonly volume: string; readonly prefix: readonly string[] } | null
  readonly kubernetes: KubernetesSettings | null
  readonly webhook: WebhookSettings | null
}

export interface DriverParts {
  readonly broker: DiskBroker
  readonly clock: Clock
  readonly environment: Readonly<Record<string, string | undefined>>
  /** A directory on the broker's volume. */
  readonly directory: string
}

/** The drivers that are configured; `capacity` always is. */
export function createDrivers(
  { lvm, kubernetes, webhook }: DriverSettings,
  { broker, clock, environment, directory }: DriverParts,
): ReadonlyMap<DriverName, ExpansionDriver> {
  const drivers: (ExpansionDriver | null)[] = [
    createCapacityDriver(broker),
    lvm && createLvmDriver({ ...lvm, directory }, commandRunner(environment)),
    kubernetes && createKubernetesDriver(kubernetes),
    webhook && createWebhookDriver(webhook, directory, clock),
  ]
  return new Map(drivers.flatMap((driver) => (driver === null ? [] : [[driver.name, driver]])))
}
