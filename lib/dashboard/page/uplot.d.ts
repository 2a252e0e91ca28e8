// The page loads the package of this name as uplot.js.
export { default } from 'uplot'
