import type { RequestContext } from './handler.ts'
import type { RequestTrace } from './request-trace.ts'

/** Decides which requests are traced. */
export interface RequestTracer {
  /**
   * Asked for each request when its header is read, just before its body; answers nothing for one
   * that is not traced. A handler that finds out later that its request is part of a trace gives
   * it one itself (`context.trace`); what has passed by then is in the request's times.
   */
  begin(request: RequestContext): RequestTrace | undefined
}
