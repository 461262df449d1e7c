import type { Logger } from '../kit/index.ts'

/** kafkajs arms a timer for a throttle that has never been: harmless, and told once by Node. */
const HARMLESS = new Set(['TimeoutNegativeWarning'])

/** Warnings of Node.js become lines of the log, which is JSON, instead of text among them. */
export function logNodeWarnings(logger: Logger): void {
  process.removeAllListeners('warning')
  process.on('warning', (warning) => {
    const level = HARMLESS.has(warning.name) ? 'debug' : 'warn'
    logger[level]({ err: warning }, 'a warning of Node.js')
  })
}
