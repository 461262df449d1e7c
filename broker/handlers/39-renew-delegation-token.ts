import {
  errors,
  RenewDelegationTokenRequest,
  RenewDelegationTokenResponse,
} from '../../protocol/index.ts'
import { actorOf } from './actor.ts'
import { mayUseTokens, tokenOfHmac } from './delegation-tokens.ts'
import { errorCodeOf } from './error-code.ts'
import { defineHandler } from './handler.ts'

/** RenewDelegationToken v0-v2 (KIP-48): a token lives longer, at most as long as it was made for. */
export const renewDelegationToken = defineHandler(
  RenewDelegationTokenRequest,
  RenewDelegationTokenResponse,
  {
    versions: '0-2',
    stage: 'ordered',
    permissions: [],
    notes: ['Its owner and its renewers may, whatever the ACLs are.'],
  },
  async ({ hmac, renewPeriodMs }, context, broker) => {
    if (!mayUseTokens(context)) {
      const { code } = errors.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED
      return { errorCode: code, expiryTimestampMs: -1 }
    }
    // Of a token that is not there the attempt is recorded, too: the command names none.
    const id = tokenOfHmac(hmac, broker)?.id ?? ''
    const [outcome] = await broker.control.execute(
      [{ kind: 'delegation-token.renew', id, renewPeriodMs }],
      actorOf(context),
    )
    return {
      errorCode: errorCodeOf(outcome?.error ?? 'UNKNOWN_SERVER_ERROR'),
      expiryTimestampMs: outcome?.after?.expiresAtMs ?? -1,
    }
  },
)
