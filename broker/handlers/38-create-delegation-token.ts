import type { ErrorName } from '../../protocol/index.ts'
import {
  CreateDelegationTokenRequest,
  CreateDelegationTokenResponse,
  errors,
} from '../../protocol/index.ts'
import { actorOf } from './actor.ts'
import { mayUseTokens, principalParts } from './delegation-tokens.ts'
import { errorCodeOf } from './error-code.ts'
import { defineHandler } from './handler.ts'

const ID_BYTES = 16
/** As long as Kafka's HMAC-SHA-512, but of chance alone: there is no master key that could leak. */
const HMAC_BYTES = 64
const FIRST_WITH_OWNER = 3

/**
 * CreateDelegationToken v0-v3 (KIP-48, KIP-373): a token that stands for the client, or for somebody
 * for whom it may create tokens. Its holder logs in by SCRAM with the token's id and its HMAC.
 */
export const createDelegationToken = defineHandler(
  CreateDelegationTokenRequest,
  CreateDelegationTokenResponse,
  {
    versions: '0-3',
    stage: 'ordered',
    permissions: [{ operation: 'CREATE_TOKENS', resource: 'USER' }],
    notes: [
      'Everybody who logged in may create tokens for themselves, but not by a token.',
      'There is no delegation.token.secret.key to set: the HMAC is random, and lies encrypted in `__secrets`.',
    ],
  },
  async (request, context, broker) => {
    const requester = context.connection.principal
    const { ownerPrincipalType, ownerPrincipalName, renewers, maxLifetimeMs } = request
    const owner = ownerPrincipalName ? `${ownerPrincipalType}:${ownerPrincipalName}` : requester
    const asked = {
      ...principalParts(owner),
      ...(context.apiVersion >= FIRST_WITH_OWNER ? requesterParts(requester) : {}),
    }
    if (!mayUseTokens(context)) return refused('DELEGATION_TOKEN_REQUEST_NOT_ALLOWED', asked)
    const hmac = broker.random.bytes(HMAC_BYTES)
    const [outcome] = await broker.control.execute(
      [
        {
          kind: 'delegation-token.create',
          id: broker.random.bytes(ID_BYTES).toString('base64url'),
          owner,
          renewers: renewers.map(
            ({ principalType, principalName }) => `${principalType}:${principalName}`,
          ),
          maxLifetimeMs,
          hmac,
        },
      ],
      actorOf(context),
    )
    const token = outcome?.after
    if (!token) return refused(outcome?.error ?? 'UNKNOWN_SERVER_ERROR', asked)
    return {
      ...asked,
      errorCode: errors.NONE.code,
      issueTimestampMs: token.issuedAtMs,
      expiryTimestampMs: token.expiresAtMs,
      maxTimestampMs: token.maxTimestampMs,
      tokenId: token.id,
      hmac,
    }
  },
)

function requesterParts(requester: string) {
  const { principalType, principalName } = principalParts(requester)
  return {
    tokenRequesterPrincipalType: principalType,
    tokenRequesterPrincipalName: principalName,
  }
}

function refused(error: ErrorName, asked: ReturnType<typeof principalParts>) {
  return {
    ...asked,
    errorCode: errorCodeOf(error),
    issueTimestampMs: -1,
    expiryTimestampMs: -1,
    maxTimestampMs: -1,
    tokenId: '',
    hmac: Buffer.alloc(0),
  }
}
