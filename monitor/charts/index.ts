export { type AlertChartParts, createAlertCharts } from './alert-chart.ts'
