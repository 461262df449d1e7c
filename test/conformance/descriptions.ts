import { readdirSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'

/** Releases that are compared: 3.9.1 still describes the oldest versions, 4.1.0 the newest. */
export const RELEASES = ['3.9.1', '4.1.0'] as const
export type Release = (typeof RELEASES)[number]

export const FOLDER_VARIABLE = 'GLASSLOG_KAFKA_MESSAGES'

/** Where Kafka's descriptions lie, one folder for each release. */
export function descriptionsFolder(): string {
  return resolve(process.env[FOLDER_VARIABLE] ?? '../shared/kafka-messages')
}

/** A field as Kafka describes it. Only what decides about the bytes is listed here. */
export interface FieldDescription {
  readonly name: string
  /** `int32`, `[]string`, or the name of a struct. */
  readonly type: string
  readonly versions: string
  readonly nullableVersions?: string
  readonly default?: string | number | boolean
  readonly tag?: number
  readonly taggedVersions?: string
  readonly ignorable?: boolean
  readonly fields?: readonly FieldDescription[]
}

export interface MessageDescription {
  readonly apiKey?: number
  readonly type: 'request' | 'response' | 'data' | 'header'
  readonly name: string
  readonly listeners?: readonly string[]
  readonly validVersions: string
  readonly flexibleVersions?: string
  readonly latestVersionUnstable?: boolean
  readonly fields?: readonly FieldDescription[]
  readonly commonStructs?: readonly { name: string; fields: readonly FieldDescription[] }[]
}

/** All messages of a release by name. */
export function loadDescriptions(release: Release): ReadonlyMap<string, MessageDescription> {
  const folder = join(descriptionsFolder(), release)
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'))
  return new Map(
    files.map((file) => {
      const text = withoutComments(readFileSync(join(folder, file), 'utf8'))
      return [basename(file, '.json'), JSON.parse(text) as MessageDescription]
    }),
  )
}

/** Removes `//` comments, but not what looks like one inside of a string. */
function withoutComments(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|\/\/[^\n]*/g, (match) =>
    match.startsWith('"') ? match : '',
  )
}
