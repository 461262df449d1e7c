/** Who asks, from where, through which door. Goes into the record as it is. */
export interface Actor {
  readonly principal: string
  readonly mechanism: string
  readonly tokenId?: string
  readonly onBehalfOf?: string
  readonly door: 'kafka' | 'http' | 'cli' | 'system'
  readonly source: {
    readonly ip: string
    readonly listener: string
    readonly clientId?: string
    readonly software?: string
  }
}
