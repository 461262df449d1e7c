import { CreateAclsRequest, CreateAclsResponse } from '../../../protocol/index.ts'
import { BenchError } from '../../client/bench-error.ts'
import type { FrameConnection } from '../../client/frame-connection.ts'
import { ask } from '../../client/request.ts'
import { errorName } from '../../client/topic.ts'

const ACLS = 1_000
const CREATE_ACLS_VERSION = 1
// Kafka's own numbers (KIP-4, KIP-290).
const TOPIC = 2
const CLUSTER = 4
const LITERAL = 3
const PREFIXED = 4
const ANY_OPERATION = 2
const WRITE = 4
const ALLOW = 3
/** What a client without a login is called. */
const CLIENT = 'User:ANONYMOUS'

/** A thousand of them: two let the bench in, one in ten of the others is about its own principal. */
export async function createAcls(connection: FrameConnection): Promise<void> {
  const own = { resourcePatternType: LITERAL, principal: CLIENT, operation: ANY_OPERATION }
  const common = { host: '*', permissionType: ALLOW }
  const creations = [
    { ...common, ...own, resourceType: TOPIC, resourceName: '*' },
    { ...common, ...own, resourceType: CLUSTER, resourceName: 'kafka-cluster' },
    ...Array.from({ length: ACLS - 2 }, (_, i) => ({
      ...common,
      resourceType: TOPIC,
      resourceName: `${i % 3 === 0 ? 'bench' : 'other'}-topic-${i}`,
      resourcePatternType: i % 2 === 0 ? LITERAL : PREFIXED,
      principal: i % 10 === 0 ? CLIENT : `User:somebody-${i}`,
      operation: WRITE,
    })),
  ]
  const { results } = await ask(
    connection,
    CreateAclsRequest,
    CreateAclsResponse,
    CREATE_ACLS_VERSION,
    { creations },
  )
  const failed = results.find(({ errorCode }) => errorCode !== 0)
  if (failed) throw new BenchError(`an ACL was refused: ${errorName(failed.errorCode)}`)
}
