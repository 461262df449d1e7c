import type { TypeOf } from '../schema/index.ts'
import {
  array,
  errorCode,
  int32,
  request,
  response,
  string,
  throttleTimeMs,
  uint16,
  uuid,
  versions,
} from '../schema/index.ts'

/** Adds a controller to the quorum (KIP-853). */
export const AddRaftVoterRequest = request(80, 'AddRaftVoter', versions('0', { flexible: '0+' }), {
  clusterId: string({ nullable: '0+' }),
  timeoutMs: int32(),
  voterId: int32(),
  voterDirectoryId: uuid(),
  listeners: array({
    name: string(),
    host: string(),
    port: uint16(),
  }),
})
export interface AddRaftVoterRequest extends TypeOf<typeof AddRaftVoterRequest> {}

export const AddRaftVoterResponse = response(
  80,
  'AddRaftVoter',
  versions('0', { flexible: '0+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    errorCode: errorCode(),
    errorMessage: string({ nullable: '0+' }),
  },
)
export interface AddRaftVoterResponse extends TypeOf<typeof AddRaftVoterResponse> {}
