import type { TypeOf } from '../schema/index.ts'
import {
  errorCode,
  int32,
  request,
  response,
  string,
  throttleTimeMs,
  uuid,
  versions,
} from '../schema/index.ts'

/** Removes a controller from the quorum (KIP-853). */
export const RemoveRaftVoterRequest = request(
  81,
  'RemoveRaftVoter',
  versions('0', { flexible: '0+' }),
  {
    clusterId: string({ nullable: '0+' }),
    voterId: int32(),
    voterDirectoryId: uuid(),
  },
)
export interface RemoveRaftVoterRequest extends TypeOf<typeof RemoveRaftVoterRequest> {}

export const RemoveRaftVoterResponse = response(
  81,
  'RemoveRaftVoter',
  versions('0', { flexible: '0+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    errorCode: errorCode(),
    errorMessage: string({ nullable: '0+' }),
  },
)
export interface RemoveRaftVoterResponse extends TypeOf<typeof RemoveRaftVoterResponse> {}
