import type { FastifyRequest } from 'fastify'
import { isLoopbackAddress, plainAddress } from '../../../kit/index.ts'
import type {
  AclOperation,
  AclResourceType,
  Actor,
  Authorizer,
  ClusterState,
  Requester,
} from '../../control/index.ts'
import { CLUSTER_RESOURCE_NAME } from '../../control/index.ts'
import { ADMIN_LISTENER } from './admin-listener.ts'

/** Who sent a request, once that is established. */
export interface Caller {
  /** `User:` and the account's name. */
  readonly principal: string
  /** How the account was shown: `root-token`, `token`, `session`; `none` where nobody had to. */
  readonly mechanism: string
  readonly tokenId?: string
  /** When what the account was shown with ends; left out when it does not. */
  readonly expiresAtMs?: number
}

/** Tells whose token it is; null for one that is not, or no longer, good. */
export type TokenVerifier = (token: string) => Caller | null

export const NOBODY: Caller = { principal: 'User:ANONYMOUS', mechanism: 'none' }

/** Of the account that has no record; the control plane refuses to make one of that name. */
export const ROOT_ACCOUNT = 'root'

/** An account that may come in; null when there is none of the name, or it is disabled. */
export function accountCaller(
  { accounts }: ClusterState,
  account: string,
  how: Omit<Caller, 'principal'>,
): Caller | null {
  const isGood = account === ROOT_ACCOUNT || accounts.get(account)?.isDisabled === false
  return isGood ? { principal: `User:${account}`, ...how } : null
}

/** The account of a caller. */
export function accountOf({ principal }: Caller): string {
  return principal.slice('User:'.length)
}

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller
  }
}

/** How the command line introduces itself. Anybody may say that he is it, so that is not all that is asked. */
const CLI_AGENT = /^glasslog-cli\b/

/** Longest name of a client program that goes into a record. */
const MAX_SOFTWARE_LENGTH = 256

/** Who asks, as the history records it. */
export function actorOf(request: FastifyRequest): Actor {
  const { principal, mechanism, tokenId } = request.caller
  const software = request.headers['user-agent']?.slice(0, MAX_SOFTWARE_LENGTH)
  return {
    principal,
    mechanism,
    ...(tokenId === undefined ? {} : { tokenId }),
    door: doorOf(request),
    source: {
      ip: addressOf(request),
      listener: ADMIN_LISTENER,
      ...(software === undefined ? {} : { software }),
    },
  }
}

/**
 * The command on this machine comes with the root token, which it reads from the data directory. Whoever
 * can do that could use the command as well. Everybody else came by HTTP, whatever program he names.
 */
function doorOf(request: FastifyRequest): 'http' | 'cli' {
  const isLocalRoot = request.caller.mechanism === 'root-token' && isLoopbackAddress(request.ip)
  return isLocalRoot && CLI_AGENT.test(request.headers['user-agent'] ?? '') ? 'cli' : 'http'
}

/** The peer's address as ACLs write it: an IPv4 address that came in over an IPv6 socket is IPv4. */
export function addressOf(request: FastifyRequest): string {
  return plainAddress(request.ip)
}

/** Whether the caller may, for routes that show what the caller may see. */
export function mayDo(
  authorizer: Authorizer,
  request: FastifyRequest,
  operation: AclOperation,
  resourceType: AclResourceType,
  name: string = CLUSTER_RESOURCE_NAME,
): boolean {
  return authorizer.authorize(requesterOf(request), operation, resourceType, name).allowed
}

export function requesterOf(request: FastifyRequest): Requester {
  const { principal } = request.caller
  return { principal, host: addressOf(request), door: doorOf(request) }
}
