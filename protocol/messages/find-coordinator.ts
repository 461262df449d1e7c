import type { TypeOf } from '../schema/index.ts'
import {
  array,
  brokerId,
  errorCode,
  int8,
  int32,
  request,
  response,
  string,
  throttleTimeMs,
  versions,
} from '../schema/index.ts'

const Coordinator = {
  key: string(),
  nodeId: brokerId(),
  host: string(),
  port: int32(),
  errorCode: errorCode(),
  errorMessage: string({ nullable: '0+' }),
}

/**
 * Asks which broker coordinates a group or a transactional id: one `key` up to version 3, several
 * `coordinatorKeys` from 4 on (KIP-699).
 */
export const FindCoordinatorRequest = request(
  10,
  'FindCoordinator',
  versions('0-6', { flexible: '3+' }),
  {
    key: string({ versions: '0-3' }),
    /** 0: group, 1: transaction, 2: share partition. */
    keyType: int8({ versions: '1+', default: 0 }),
    coordinatorKeys: array(string(), { versions: '4+' }),
  },
)
export interface FindCoordinatorRequest extends TypeOf<typeof FindCoordinatorRequest> {}

export const FindCoordinatorResponse = response(
  10,
  'FindCoordinator',
  versions('0-6', { flexible: '3+' }),
  {
    throttleTimeMs: throttleTimeMs({ versions: '1+', ignorable: true }),
    errorCode: errorCode({ versions: '0-3' }),
    /** Stays null on success. */
    errorMessage: string({ versions: '1-3', nullable: '1-3', ignorable: true }),
    nodeId: brokerId({ versions: '0-3' }),
    host: string({ versions: '0-3' }),
    port: int32({ versions: '0-3' }),
    coordinators: array(Coordinator, { versions: '4+' }),
  },
)
export interface FindCoordinatorResponse extends TypeOf<typeof FindCoordinatorResponse> {}
