export { type DiskForecast, forecast, type UsagePoint } from './forecast.ts'
