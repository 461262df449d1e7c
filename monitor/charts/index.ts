export { type AlertChartParts, type ChartSource, createAlertCharts } from './alert-chart.ts'
export { storeChartSource } from './store-chart-source.ts'
