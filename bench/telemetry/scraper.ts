import { get } from 'node:http'

// A scraper in a process of its own, as it is in life: what it does with the text shall not be counted as latency of
// whoever measures. Tells its parent how long each scrape took, in ms, and ends with it.
const [url = '', everyMs = ''] = process.argv.slice(2)

function scrape(): void {
  const startedMs = performance.now()
  get(`${url}/metrics`, (response) => {
    response.resume()
    response.once('end', () => process.send?.(performance.now() - startedMs))
  })
}

setInterval(scrape, Number(everyMs))
process.once('disconnect', () => process.exit())
