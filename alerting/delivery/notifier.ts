import type { Notification } from './notification.ts'

/** What came of one attempt. `answer` is for people, in bounds, and holds no secret. */
export type Outcome =
  | { readonly kind: 'delivered'; readonly answer: string }
  | {
      readonly kind: 'failed'
      readonly answer: string
      /** The other side understood and refused: this notification, not all that go there. */
      readonly isRefused: boolean
      /** The other side named a time to wait. */
      readonly retryAfterMs: number | null
    }

/** A way to reach people or machines. */
export interface Notifier {
  /** Where it goes, without secrets, for the delivery log. */
  readonly to: string
  /** Never rejects; ends within the integration's own timeout. */
  send(notification: Notification): Promise<Outcome>
}
