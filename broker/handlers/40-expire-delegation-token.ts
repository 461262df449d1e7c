import {
  ExpireDelegationTokenRequest,
  ExpireDelegationTokenResponse,
  errors,
} from '../../protocol/index.ts'
import { actorOf } from './actor.ts'
import { mayUseTokens, tokenOfHmac } from './delegation-tokens.ts'
import { errorCodeOf } from './error-code.ts'
import { defineHandler } from './handler.ts'

/** ExpireDelegationToken v0-v2 (KIP-48): a token ends sooner; at once when the period is negative. */
export const expireDelegationToken = defineHandler(
  ExpireDelegationTokenRequest,
  ExpireDelegationTokenResponse,
  {
    versions: '0-2',
    stage: 'ordered',
    permissions: [],
    notes: ['Its owner and its renewers may, whatever the ACLs are.'],
  },
  async ({ hmac, expiryTimePeriodMs }, context, broker) => {
    if (!mayUseTokens(context)) {
      const { code } = errors.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED
      return { errorCode: code, expiryTimestampMs: -1 }
    }
    // Of a token that is not there the attempt is recorded, too: the command names none.
    const id = tokenOfHmac(hmac, broker)?.id ?? ''
    const [outcome] = await broker.control.execute(
      [{ kind: 'delegation-token.expire', id, expiryPeriodMs: expiryTimePeriodMs }],
      actorOf(context),
    )
    const hasEnded = outcome?.error === 'NONE' && outcome.after === null
    return {
      errorCode: errorCodeOf(outcome?.error ?? 'UNKNOWN_SERVER_ERROR'),
      expiryTimestampMs: hasEnded ? context.receivedAtMs : (outcome?.after?.expiresAtMs ?? -1),
    }
  },
)
