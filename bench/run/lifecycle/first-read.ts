import type { Address } from '../../client/connections.ts'
import { readFetchResponse } from '../../client/fetch-response.ts'
import { errorName } from '../../client/topic.ts'
import { encodeFetch } from '../keep-consuming.ts'
import { firstSuccess } from './first-success.ts'

/** When the last record of a partition was first read; `end` is the offset after it. */
export function firstReadOfLast(
  address: Address,
  topic: string,
  partition: number,
  end: number,
): Promise<number> {
  const request = encodeFetch(topic, new Map([[partition, end - 1]]))
  return firstSuccess(address, async (connection) => {
    const answer = Promise.withResolvers<string | null>()
    connection.onFrame = (response) => {
      let wrong: string | null = 'no records'
      const code = readFetchResponse(response, ({ errorCode, nextOffset }) => {
        if (errorCode !== 0) wrong = errorName(errorCode)
        else if (nextOffset >= end) wrong = null
      })
      answer.resolve(code === 0 ? wrong : errorName(code))
    }
    connection.send(request)
    return Promise.race([answer.promise, connection.failed])
  })
}
