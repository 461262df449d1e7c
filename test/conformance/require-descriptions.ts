import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { descriptionsFolder, RELEASES } from './descriptions.ts'

/** Ends the run before the first test when there is nothing to compare with. */
export function setup(): void {
  const missing = RELEASES.map((release) => join(descriptionsFolder(), release)).filter(
    (folder) => !existsSync(folder),
  )
  if (missing.length === 0) return
  throw new Error(
    [
      `Kafka's message descriptions are missing: ${missing.join(', ')}`,
      'The conformance test compares our messages with those of Apache Kafka, which are not part of',
      'this repository. Put the files of clients/src/main/resources/common/message of each release',
      `(${RELEASES.join(', ')}) into a folder of that name, and name the folder above them:`,
      '  npm run test:conformance -- FOLDER        or        GLASSLOG_KAFKA_MESSAGES=FOLDER',
    ].join('\n'),
  )
}
