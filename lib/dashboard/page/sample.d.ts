// The page loads this file as sample.js.
export { sampleOf } from '../../health/sample.js'
