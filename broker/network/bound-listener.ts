import type { Server } from 'node:net'
import { createServer } from 'node:net'
import type { ListenerSecurity } from '../security/index.ts'

/** One place where clients connect. */
export interface ListenerConfig {
  readonly name: string
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** PLAINTEXT when left out. */
  readonly security?: ListenerSecurity
  /** Connections at once; no limit of its own when left out. */
  readonly maxConnections?: number
}

/** A listener with its socket. */
export class BoundListener {
  readonly server: Server
  config: ListenerConfig
  /** Where it is bound, or was last; null before. */
  boundAt: { readonly host: string; readonly port: number } | null = null
  /** Whether connections are taken. */
  isOpen = false

  constructor(config: ListenerConfig) {
    this.config = config
    this.server = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true })
  }

  /** Its address is free at once; connections that came by it go on. */
  release(): void {
    this.server.close()
  }

  /** Waits for those connections, too. */
  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()))
  }
}
