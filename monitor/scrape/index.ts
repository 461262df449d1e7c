export { httpGet } from './http-get.ts'
export { scheduleScrapes } from './schedule.ts'
export { type DetailSink, type ScrapeReport, TargetScraper } from './scraper.ts'
export { DEFAULT_SCRAPE_LIMITS, type ScrapeTarget } from './target.ts'
