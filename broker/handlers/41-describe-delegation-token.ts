import {
  DescribeDelegationTokenRequest,
  DescribeDelegationTokenResponse,
  errors,
} from '../../protocol/index.ts'
import type { DelegationToken } from '../control/index.ts'
import { accessOf } from './authorize.ts'
import { mayUseTokens, principalParts } from './delegation-tokens.ts'
import type { RequestContext } from './handler.ts'
import { defineHandler } from './handler.ts'
import type { BrokerServices } from './services.ts'

const FIRST_WITH_REQUESTER = 3

/**
 * DescribeDelegationToken v0-v3 (KIP-48, KIP-373): the tokens of some owners, or of everybody: those
 * that the client owns or may renew, and others that it may describe.
 */
export const describeDelegationToken = defineHandler(
  DescribeDelegationTokenRequest,
  DescribeDelegationTokenResponse,
  {
    versions: '0-3',
    stage: 'ordered',
    permissions: [
      { operation: 'DESCRIBE', resource: 'DELEGATION_TOKEN' },
      { operation: 'DESCRIBE_TOKENS', resource: 'USER' },
    ],
    notes: ['One of the two is enough; without them those that the client owns or may renew.'],
  },
  ({ owners }, context, broker) => {
    if (!mayUseTokens(context)) {
      return { errorCode: errors.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED.code, tokens: [] }
    }
    const wanted =
      owners &&
      new Set(owners.map(({ principalType, principalName }) => `${principalType}:${principalName}`))
    const tokens = [...broker.control.state.delegationTokens.values()]
      .filter((token) => wanted === null || concerned(token).some((who) => wanted.has(who)))
      .filter((token) => isVisible(token, context, broker))
    return {
      errorCode: errors.NONE.code,
      tokens: tokens.map((token) => describe(token, context.apiVersion, broker)),
    }
  },
)

function concerned({ owner, renewers }: DelegationToken): readonly string[] {
  return [owner, ...renewers]
}

function isVisible(
  token: DelegationToken,
  context: RequestContext,
  broker: BrokerServices,
): boolean {
  const access = accessOf(context, broker)
  return (
    concerned(token).includes(context.connection.principal) ||
    access.may('DESCRIBE', 'DELEGATION_TOKEN', token.id) ||
    access.may('DESCRIBE_TOKENS', 'USER', token.owner)
  )
}

function describe(token: DelegationToken, apiVersion: number, { control }: BrokerServices) {
  const requester = principalParts(token.requester)
  return {
    ...principalParts(token.owner),
    ...(apiVersion >= FIRST_WITH_REQUESTER
      ? {
          tokenRequesterPrincipalType: requester.principalType,
          tokenRequesterPrincipalName: requester.principalName,
        }
      : {}),
    issueTimestamp: token.issuedAtMs,
    expiryTimestamp: token.expiresAtMs,
    maxTimestamp: token.maxTimestampMs,
    tokenId: token.id,
    hmac: Buffer.from(control.secrets.get(token.secret.secretId) ?? []),
    renewers: token.renewers.map(principalParts),
  }
}
