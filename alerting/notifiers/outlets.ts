import type { Clock, Disk, Logger, Random, Timers } from '../../kit/index.ts'
import type { Integration } from '../config/config.ts'
import type { Notifier } from '../delivery/notifier.ts'
import type { Outlets } from '../pipeline/pipeline.ts'
import { createAlertForwarder } from './alert-forwarder.ts'
import type { ChartOf } from './email.ts'
import { createEmailNotifier } from './email.ts'
import { createHttpNotifier } from './generic-http.ts'
import { httpClient } from './http-client.ts'
import type { HttpPorts } from './http-delivery.ts'
import { createPagerdutyNotifier } from './pagerduty.ts'
import type { StoredSecrets } from './secret-source.ts'
import { createSecretSource } from './secret-source.ts'
import { createSlackNotifier } from './slack.ts'
import type { RenderTemplate } from './template-data.ts'
import { createTicketSender, createWebhookNotifier } from './webhook.ts'

export interface OutletParts {
  readonly disk: Disk
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly logger: Logger
  /** Variables that secrets may be in. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Secrets of contact points that are kept elsewhere. */
  readonly storedSecrets?: StoredSecrets
  readonly render: RenderTemplate
  readonly chartOf: ChartOf
}

/** The ways out of the house: SMTP and HTTP. */
export function createOutlets(parts: OutletParts): Outlets {
  const { disk, clock, timers, random, logger, render, chartOf } = parts
  const secrets = createSecretSource(disk, parts.environment, parts.storedSecrets)
  const http: HttpPorts = { send: httpClient, secrets, disk, clock, random }
  const notifier = (integration: Integration): Notifier => {
    switch (integration.kind) {
      case 'email':
        return createEmailNotifier({ secrets, disk, render, chartOf }, integration)
      case 'webhook':
        return createWebhookNotifier(http, integration)
      case 'slack':
        return createSlackNotifier(http, integration, render)
      case 'pagerduty':
        return createPagerdutyNotifier(http, integration, render)
      case 'http':
        return createHttpNotifier(http, integration, render)
    }
  }
  return {
    notifier,
    ticketMirror: (webhook) => createTicketSender(http, webhook),
    forwarder: (target) => createAlertForwarder(http, timers, logger, target),
  }
}
