import {
  DescribeUserScramCredentialsRequest,
  DescribeUserScramCredentialsResponse,
  errors,
} from '../../protocol/index.ts'
import type { User } from '../control/index.ts'
import { isAllowedOnCluster } from './authorize.ts'
import { repeated } from './config-resources.ts'
import { defineHandler } from './handler.ts'
import { SCRAM_CODES } from './scram-codes.ts'

/** DescribeUserScramCredentials v0 (KIP-554): which mechanisms users can log in by. Never with what. */
export const describeUserScramCredentials = defineHandler(
  DescribeUserScramCredentialsRequest,
  DescribeUserScramCredentialsResponse,
  {
    versions: '0',
    stage: 'ordered',
    permissions: [{ operation: 'DESCRIBE', resource: 'CLUSTER' }],
  },
  ({ users }, context, broker) => {
    if (!isAllowedOnCluster(context, broker, 'DESCRIBE')) {
      const { code, message } = errors.CLUSTER_AUTHORIZATION_FAILED
      return { errorCode: code, errorMessage: message, results: [] }
    }
    const { users: known } = broker.control.state
    const asked = users?.length ? users.map(({ name }) => name) : [...known.keys()]
    const twice = repeated(asked, (name) => name)
    const results = [...new Set(asked)].map((name) =>
      twice.has(name) ? refusedTwice(name) : describe(name, known.get(name)),
    )
    return { errorCode: errors.NONE.code, errorMessage: null, results }
  },
)

function describe(name: string, user: User | undefined) {
  if (!user) {
    const message = `Attempt to describe a user credential that does not exist: ${name}`
    return refused(name, errors.RESOURCE_NOT_FOUND.code, message)
  }
  const credentialInfos = [...SCRAM_CODES].flatMap(([code, mechanism]) => {
    const credential = user.credentials[mechanism]
    return credential ? [{ mechanism: code, iterations: credential.iterations }] : []
  })
  return { user: name, errorCode: errors.NONE.code, errorMessage: null, credentialInfos }
}

function refusedTwice(name: string) {
  const message = `Cannot describe SCRAM credentials for the same user twice in a single request: ${name}`
  return refused(name, errors.DUPLICATE_RESOURCE.code, message)
}

function refused(user: string, errorCode: number, errorMessage: string) {
  return { user, errorCode, errorMessage, credentialInfos: [] }
}
