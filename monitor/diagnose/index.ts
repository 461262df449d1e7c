export { addDiagnoseApi } from './diagnose-routes.ts'
