import type { LabelSet } from '../alerts/label-set.ts'
import type { Notification, NotifiedAlert } from '../delivery/notification.ts'
import { scrub } from './scrub.ts'

/** Renders a template in the dialect of Prometheus and Alertmanager. Throws for one that cannot be rendered. */
export type RenderTemplate = (template: string, data: TemplateData) => string

/** What a template sees, by the names that Alertmanager's templates use. */
export interface TemplateData {
  readonly Receiver: string
  readonly Status: 'firing' | 'resolved'
  readonly Alerts: readonly AlertData[]
  readonly GroupLabels: LabelSet
  readonly CommonLabels: LabelSet
  readonly CommonAnnotations: LabelSet
  readonly ExternalURL: string
  readonly NotificationReason: string
}

export interface AlertData {
  readonly Status: 'firing' | 'resolved'
  readonly Labels: LabelSet
  readonly Annotations: LabelSet
  /** RFC 3339. */
  readonly StartsAt: string
  readonly EndsAt: string
  readonly GeneratorURL: string
  readonly Fingerprint: string
}

/** How Go writes a time that is none. */
export const NO_TIME = '0001-01-01T00:00:00Z'

export function templateDataOf(notification: Notification): TemplateData {
  return {
    Receiver: notification.receiver,
    Status: notification.status,
    Alerts: notification.alerts.map(alertData),
    GroupLabels: notification.groupLabels,
    CommonLabels: notification.commonLabels,
    CommonAnnotations: notification.commonAnnotations,
    ExternalURL: notification.externalUrl,
    NotificationReason: notification.reason,
  }
}

function alertData(alert: NotifiedAlert): AlertData {
  return {
    Status: alert.status,
    Labels: alert.labels,
    Annotations: alert.annotations,
    StartsAt: new Date(alert.startsAtMs).toISOString(),
    EndsAt: endOf(alert),
    GeneratorURL: alert.generatorUrl,
    Fingerprint: alert.fingerprint,
  }
}

export function endOf({ status, endsAtMs }: NotifiedAlert): string {
  return status === 'resolved' && endsAtMs !== null ? new Date(endsAtMs).toISOString() : NO_TIME
}

/**
 * A template's text, or the built-in one where there is no template or it fails: news with a plain face
 * are better than none. Built-in texts add the note of what failed, so that whoever reads it can mend the template.
 */
export function renderOr(
  render: RenderTemplate,
  template: string | null,
  notification: Notification,
  builtIn: (note: string) => string,
): string {
  if (template === null) return builtIn('')
  try {
    return render(template, templateDataOf(notification))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return builtIn(` (the template failed: ${scrub(reason, [])})`)
  }
}
